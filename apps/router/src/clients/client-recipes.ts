import type { ClientRecipe } from './client-recipe.ts';
import { HOSTED_RECIPES } from './hosted-recipes.ts';
import { LOCAL_RECIPES } from './local-recipes.ts';

/** Every client that there is a recipe for. */
export const CLIENT_RECIPES: readonly ClientRecipe[] = [...HOSTED_RECIPES, ...LOCAL_RECIPES];

/** The recipe of a client; undefined where there is none. */
export function findRecipe(id: string): ClientRecipe | undefined {
  return CLIENT_RECIPES.find((recipe) => recipe.id === id);
}
