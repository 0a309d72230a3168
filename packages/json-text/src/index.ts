export { duplicateIn, duplicateKey, editObject, type Edits } from './edit.ts';
export { elements, members, memberText, textOf, type Member } from './scan.ts';
