// What the path of a file in a standardized storage says: ID[0:3]/[3:6]/ID/date/type/ID_date_type_key_time_dept_flag.
// SS-MIX2 standardized storage, chapter on folders and file names.

import { civilDate } from '../japanese-date.ts';

/** Condition flag of a file: 1 it stands, 0 deleted, 2 superseded by a newer one. */
export type StorageFlag = '0' | '1' | '2';

export type StorageName = {
  /** The patient number at the institution, leading zeros kept. */
  patient: string;
  /** `YYYYMMDD`, or `-` for what belongs to no day (ADT-00, ADT-61, PPR-01). */
  date: string;
  /** `OML-11` */
  type: string;
  /** Order number. All nines where there is none. */
  key: string;
  /** `yyyyMMddHHmmssSSS`, Japan's time. Sorts as it reads. */
  time: string;
  /** Claims code of the department, or `-`. */
  department: string;
  flag: StorageFlag;
};

/** The folder of one data type, relative to the root: `999/901/9999013/20111220/OML-11`. */
export type StorageFolder = Pick<StorageName, 'patient' | 'date' | 'type'>;

const PATIENT = /^[0-9A-Za-z-]{1,32}$/;
const TYPE = /^[A-Z]{3}(-\d{2})?$/;
const NAME = /^([^_]+)_([^_]+)_([^_]+)_([0-9A-Za-z-]{1,20})_(\d{17})_([0-9A-Za-z]{1,4}|-)_([012])$/;

/** Whether a folder name at this depth (0 is what stands in the root) can belong to a storage. */
export function isFolderName(name: string, depth: number): boolean {
  if (depth < 2) return /^[0-9A-Za-z-]{1,3}$/.test(name);
  if (depth === 2) return PATIENT.test(name);
  return depth === 3 ? name === '-' || isDay(name) : TYPE.test(name);
}

/** The folder, or a sentence that says what is wrong with it. */
export function parseStorageFolder(path: string): StorageFolder | string {
  const [first, second, patient = '', date = '', type = '', ...more] = path.split('/');
  if (!type || more.length > 0) return 'The folder is not five levels deep.';
  if (![first, second, patient, date, type].every((name, depth) => isFolderName(name ?? '', depth)))
    return 'A folder name is not one of the storage.';
  if (first !== patient.slice(0, 3) || second !== patient.slice(3, 6))
    return 'The upper folders are not the first digits of the patient number.';
  return { patient, date, type };
}

/** The parts of a file name, or a sentence that says what is wrong with it. It has to repeat its folder. */
export function parseStorageName(name: string, folder: StorageFolder): StorageName | string {
  const [, patient = '', date = '', type = '', key = '', time = '', department = '', flag] = NAME.exec(name) ?? [];
  if (flag !== '0' && flag !== '1' && flag !== '2') return 'The file name does not follow the rules of the storage.';
  if (patient !== folder.patient || date !== folder.date || type !== folder.type)
    return 'The file name does not repeat the patient number, day and data type of its folder.';
  if (!isDay(time.slice(0, 8)) || !/^([01]\d|2[0-3])[0-5]\d[0-5]\d/.test(time.slice(8)))
    return 'The time in the file name is no real time.';
  return { patient, date, type, key, time, department, flag };
}

/** The whole path, relative to the root. */
export function parseStoragePath(path: string): StorageName | string {
  const at = path.lastIndexOf('/');
  const folder = parseStorageFolder(path.slice(0, Math.max(at, 0)));
  return typeof folder === 'string' ? folder : parseStorageName(path.slice(at + 1), folder);
}

/**
 * Files of a folder with the same key are versions of one thing. Where there is no order number the department tells things
 * apart; and of visits (reception, admission, leave) each file is an event of its own, for a person may come twice a day.
 */
export function versionKey({ type, key, time, department }: StorageName): string {
  if (!/^9+$/.test(key)) return key;
  return isVisit(type) ? `${key} ${department} ${time}` : `${key} ${department}`;
}

/** An event of a visit: all of ADT but the patient's basic data and the list of allergies. */
export const isVisit = (type: string): boolean => type.startsWith('ADT-') && type !== 'ADT-00' && type !== 'ADT-61';

function isDay(text: string): boolean {
  if (!/^\d{8}$/.test(text)) return false;
  return civilDate(Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6))) !== undefined;
}
