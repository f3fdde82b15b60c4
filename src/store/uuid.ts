const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL would take it as a `uuid`; ids that are none behave like unknown ones. */
export function isUuid(id: string): boolean {
  return UUID.test(id);
}
