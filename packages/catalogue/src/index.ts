export { callArguments, isRecord, type CallArguments } from './call-arguments.ts';
export { diffTools, type ToolChange } from './diff-tools.ts';
export { compileGlobs } from './glob.ts';
export { mergeTools, renderSite, type RenderedSite } from './list-tools.ts';
export type { Access, Caller, CloudId, Credential, Level, ProductLevels, Site, ToolGlobs } from './model.ts';
export { parseCapabilities, parseProducts, type Capability, type Narrowing } from './narrowing.ts';
export { OWN_TOOLS, SITES_TOOL } from './own-tools.ts';
export { compilePolicy, type DenialReason, type SitePolicy } from './policy.ts';
export { LEVELS, PRODUCTS, type Product, type ToolProduct } from './product.ts';
export { locate, resolveCall, type Resolution, type Target } from './resolve-call.ts';
export { Secret } from './secret.ts';
export { mayUse } from './site-access.ts';
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
export { encodeToolName, splitToolName, TOOL_NAME } from './tool-name.ts';
export { createView, sitesFor, type View } from './view.ts';
