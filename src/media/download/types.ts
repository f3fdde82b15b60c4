import type { Json } from '../../store/types.ts';
import type { HostList } from './host-list.ts';

/** What may be fetched. */
export interface DownloadSettings {
  /** Bytes of one file. */
  maxBytes: number;
  /** The hosts that plain URLs may name. */
  hosts: HostList;
  /** The program and the sites whose pages are fetched with it; null: none. */
  ytdlp: { path: string; hosts: HostList } | null;
}

/** What was fetched, beside its bytes. */
export interface Downloaded {
  /** File name for people. */
  name: string;
  title: string | null;
  /** Of a site: its name, the video's id, uploader and page. */
  metadata: { [key: string]: Json };
}
