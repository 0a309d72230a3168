/** What makes a changed definition worth a look before it is used: a closed set. */
export type Risk =
  /** Characters that people do not see. */
  | 'hidden_characters'
  /** Another text for the model to read. */
  | 'text_changed'
  /** An argument that had to be given need not be. */
  | 'argument_not_required'
  /** A new argument takes any text. */
  | 'free_text_added'
  | 'choices_grown'
  /** A value may be of more types, or within wider limits. */
  | 'type_loosened'
  /** It said that it only reads, or destroys nothing, and no longer does. */
  | 'no_longer_safe'
  /** It did not say so before: a client may stop asking. */
  | 'claims_to_be_safe';
