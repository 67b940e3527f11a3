// In which form what was recorded is given out; read without loading what does it.

export const HISTORY_FORMATS = ['table', 'csv', 'jsonl'] as const;
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
