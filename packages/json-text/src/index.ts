export { duplicateKey, editObject, type Edits } from './edit.ts';
export { elements, members, memberText, type Member } from './scan.ts';
