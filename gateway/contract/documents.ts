// What `schema` can print, by name: read without loading what makes it.

export const DOCUMENTS = ['config', 'messages', 'openapi', 'asyncapi'] as const;
export type DocumentName = (typeof DOCUMENTS)[number];
