/**
 * A statement PostgreSQL refused. Of the driver's error only what names no value is kept: no statement text, no
 * parameters (vectors among them), no row contents.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  /** SQLSTATE, such as `23505` for a broken unique constraint. */
  readonly code: string;
  readonly constraint: string | undefined;

  constructor(fields: { message: string; code: string; constraint?: string | undefined }) {
    super(fields.message);
    this.code = fields.code;
    this.constraint = fields.constraint;
  }
}
