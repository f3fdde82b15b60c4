import './drop-target.css';
import { type FileWithPath, fromEvent } from 'file-selector';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { send } from './uploads.ts';

/** Of a folder, the files that the server would take of one by itself, too. */
const VIDEO_FILE = /\.(mp4|m4v|mov|qt|3gp|3g2|mkv|webm|avi|divx|m?ts|m2ts|mpe?g|vob|flv|f4v|wmv|asf|ogv)$/i;

/** Takes files and folders that are dropped anywhere on the page; without it the browser would leave the page for them. */
export function DropTarget() {
  const [over, setOver] = useState(false);
  const [, navigate] = useLocation();

  useEffect(() => {
    const drag = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (!relatedTarget) setOver(false); // it left the window
    };
    const drop = async (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const files = await dropped(event);
      if (files.length === 0) return alert('There is no video in that folder.');
      send(files);
      navigate('/ingest');
    };
    addEventListener('dragover', drag);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', drag);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [navigate]);

  return over ? <p class="drop-target">Drop videos, or folders of them, to add them to the library</p> : null;
}

const carriesFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;

/** The files themselves, and the videos of the folders. */
async function dropped(event: DragEvent): Promise<File[]> {
  const shallow = [...(event.dataTransfer?.files ?? [])]; // is gone later
  const files = await fromEvent(event).catch(() => shallow); // a folder that cannot be read fails as a file
  return (files as (File | FileWithPath)[]).filter(
    (file) => !('path' in file && isInFolder(file.path)) || VIDEO_FILE.test(file.name),
  );
}

const isInFolder = (path: string): boolean => path.replace(/^\.?\//, '').includes('/');
