export { duplicateIn, duplicateKey, editObject, type Edits } from './edit.ts';
export { elements, members, membersAlong, memberText, textOf, type Member } from './scan.ts';
