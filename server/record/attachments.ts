// Photos and documents that stand inside resources as base64, as files of their own. The resources keep them too: these are
// for people. A file is named by what it says it is, and only kinds that cannot run when they are opened keep their ending.

import { isObject, type JsonObject } from '../fhir/json.ts';

export type Attachment = {
  /** Behind `attachments/`. */
  file: string;
  title: string;
  contentType: string;
  bytes: Buffer;
  isPicture: boolean;
};

/** Those of a resource (Attachment, Binary), in their order. `first` is the number of the first: two ids may differ in case alone. */
export function attachmentsOf(resource: JsonObject, first: number): Attachment[] {
  const found: Attachment[] = [];
  walk(resource);
  return found;

  function walk(node: unknown): void {
    if (Array.isArray(node)) node.forEach(walk);
    if (!isObject(node)) return;
    const { contentType, data, title } = node;
    if (typeof contentType === 'string' && typeof data === 'string') {
      const [type = ''] = contentType.toLowerCase().split(';');
      const number = String(first + found.length).padStart(4, '0');
      const file = `${number}-${resource.resourceType}-${resource.id}.${endings[type.trim()] ?? 'bin'}`;
      const bytes = Buffer.from(data, 'base64');
      const isPicture = shown.has(type.trim());
      found.push({ file, title: typeof title === 'string' ? title : '', contentType, bytes, isPicture });
    } else for (const child of Object.values(node)) walk(child);
  }
}

const endings: Record<string, string> = {
  'application/dicom': 'dcm',
  'application/json': 'json',
  'application/pdf': 'pdf',
  'audio/mp4': 'm4a',
  'audio/mpeg': 'mp3',
  'image/gif': 'gif',
  'image/heic': 'heic',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/tiff': 'tiff',
  'image/webp': 'webp',
  'text/csv': 'csv',
  'text/plain': 'txt',
  'video/mp4': 'mp4',
};
const shown = new Set(['image/gif', 'image/jpeg', 'image/png', 'image/webp']);
