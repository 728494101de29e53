/**
 * Codenames: "an innocuous codename that can be used for chats/documents so if anyone overhears they don't realize it's a
 * security incident. (e.g. sapphire-unicorn)". The words are stones, woods and colours, and animals; none sounds like an
 * alarm.
 */
const FIRST =
  'agate alder almond amber amethyst apricot aqua ash aspen azure bamboo basalt beech beige birch bronze cedar cherry citrine clover cobalt copper coral cotton cream crystal cypress denim ebony elm emerald fern garnet ginger gold granite hazel honey indigo ivory jade jasper juniper lavender lemon lilac lime linen mahogany maple marble mint moss mulberry oak ochre olive onyx opal orchid pearl peach pine plum poppy quartz rose ruby saffron sapphire sienna silver slate spruce teak teal topaz umber velvet violet walnut willow'.split(
    ' ',
  );

const SECOND =
  'alpaca antelope badger beaver bison bluebird bobcat bunting camel canary capybara caribou chamois chickadee chinchilla chipmunk cormorant crane cricket curlew deer dolphin donkey dormouse dove duck egret elk ermine falcon ferret finch flamingo gazelle gecko gibbon giraffe goldfinch goose grouse gull hamster hare hedgehog heron hoopoe ibex ibis iguana jackdaw jay kestrel kingfisher kiwi koala lark lemur linnet llama lynx magpie mallard manatee marmot marten meerkat mongoose moose moth narwhal newt nightingale ocelot okapi oriole osprey otter owl oyster panda panther partridge peacock pelican penguin pheasant pika plover pony porcupine possum puffin quail quokka rabbit raccoon raven reindeer robin salmon sandpiper seahorse seal shearwater skylark sparrow squirrel starling stork swallow swan swift tapir tern thrush toucan turtle unicorn vole wallaby walrus warbler weasel whale wombat woodcock wren yak zebra'.split(
    ' ',
  );

/** How many codenames there are. */
export const CODENAMES = FIRST.length * SECOND.length;

/** The codename of a number; every number from 0 to `CODENAMES` - 1 has its own. */
export function codenameOf(number: number): string {
  const index = Math.floor(number) % CODENAMES;
  return `${FIRST[index % FIRST.length]}-${SECOND[Math.floor(index / FIRST.length)]}`;
}

/** `sapphire-unicorn`: two words. Anything else can't be the name of an incident. */
export function isCodename(text: string): boolean {
  return /^[a-z]+-[a-z]+$/.test(text) && text.length <= 80;
}
