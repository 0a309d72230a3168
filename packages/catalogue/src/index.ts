export {
  budgetOf,
  CLIENT_LIMITS,
  clientBudgets,
  estimateTokens,
  modelText,
  type ToolBudget,
} from './budget/budget.ts';
export { callArguments, isRecord, type CallArguments } from './call-arguments.ts';
export { canonicalOf, changeOf, diffTools, type ToolChange } from './diff-tools.ts';
export { escapedJson, visibleText } from './drift/hidden-characters.ts';
export type { Risk } from './drift/risk.ts';
export { type ApprovedTools, serveTools, withDefinition } from './drift/serve-tools.ts';
export { explain, explainNoSite, type ExplainFacts, type Explanation } from './explain/explain.ts';
export type { GappedText, TextTemplate } from './gapped-text.ts';
export { compileGlobs } from './glob.ts';
export { describedResult, foundResult, toolResult } from './lean/lean-answers.ts';
export { type LeanTool, readInnerCall, readToolName, readToolQuery, runnerOf } from './lean/lean-tools.ts';
export { createToolSearch, type ToolSearch } from './lean/tool-search.ts';
export { listResult, type ListPart, mergedTools, renderSite, type JudgedSite } from './list-tools.ts';
export { among, chooseSite, type ChosenSite, quoted } from './merged/choose-site.ts';
export { type MergedTool, ownsSite } from './merged/merged-tool.ts';
export { type ShownSite, shownEntries } from './merged/shown-site.ts';
export { MODES, type Mode } from './mode.ts';
export type {
  Access,
  Caller,
  CloudId,
  ConfirmedAccess,
  Credential,
  Level,
  Picks,
  ProductLevels,
  ResourceLists,
  Site,
  ToolGlobs,
} from './model.ts';
export {
  parseCapabilities,
  parseProducts,
  type Capability,
  type LayerSource,
  type Narrowing,
} from './narrowing.ts';
export { EXPLAIN_TOOL, OWN_TOOLS, type OwnTool, SITES_TOOL } from './own-tools.ts';
export { compilePolicy, type DenialReason, type SitePolicy } from './policy.ts';
export { LEVELS, PRODUCTS, type Product, type ToolProduct } from './product.ts';
export { locate, resolveCall, type ConfirmedCall, type Resolution, type Target } from './resolve-call.ts';
export { V1_NAMES } from './renames/renames.ts';
export { createPolicies, type Policies } from './rules/policies.ts';
export type { Rule } from './rules/rule.ts';
export {
  faultIn,
  type FetchedThing,
  interleave,
  parseHitId,
  readFetched,
  readHits,
  type SearchHit,
} from './search/hits.ts';
export { FETCH_TOOL, fetchCallOf, SEARCH_TOOL, searchToolOf } from './search/search-tools.ts';
export { Secret } from './secret.ts';
export { accessDenial, mayUse } from './site-access.ts';
export { createSiteDirectory, parseCloudId, type SiteDirectory, type SiteEntry } from './site-directory.ts';
export {
  looksUnderScoped,
  SITE_STATUSES,
  siteRowJson,
  UNDER_SCOPED_REASON,
  type SiteRow,
  type SiteStatus,
} from './site-status.ts';
export { classify, type ToolClass } from './tool-class.ts';
export { parseToolList, type ToolEntry, type ToolIndex } from './tool-index.ts';
export { encodeToolName, fitToolName, splitToolName, TOOL_NAME } from './tool-name.ts';
export { schemaOf } from './tool-schema.ts';
export { createView, sitesFor, type View } from './view.ts';
