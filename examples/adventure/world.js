// The world of a game is JSON that the model writes. One schema says what a world is; that of each turn also says
// what may have changed, so that the world never contradicts the story.

const GIRLS = ['Lily', 'Mia', 'Sue', 'Anna'];
const BOYS = ['Tim', 'Ben', 'Tom', 'Sam'];
const FRIENDS = ['dog', 'cat', 'bird', 'bear', 'frog', 'rabbit', 'duck', 'fox', 'turtle', 'mouse'];
const NAMES = ['Spot', 'Max', 'Fluffy', 'Buddy', 'Daisy', 'Coco', 'Rex', 'Pip'];
const PLACES = [
  ...[
    'forest',
    'park',
    'garden',
    'farm',
    'castle',
    'cave',
    'beach',
    'lake',
    'house',
    'river',
    'town',
    'hill',
  ],
];
const WEATHER = ['sunny', 'windy', 'rainy', 'snowy', 'warm', 'cold'];
const MOODS = [
  ...['happy', 'sad', 'scared', 'excited', 'proud', 'tired', 'curious', 'brave', 'angry', 'surprised'],
];
const THINGS = [
  ...[
    'ball',
    'box',
    'hat',
    'key',
    'shell',
    'flower',
    'stone',
    'book',
    'kite',
    'boat',
    'map',
    'bell',
    'crown',
  ],
  ...[
    'feather',
    'apple',
    'cake',
    'ring',
    'stick',
    'leaf',
    'coin',
    'lamp',
    'drum',
    'nest',
    'egg',
    'toy',
    'rock',
  ],
];
const WISH = `^I want to find a (big|little|red|blue|shiny|magic|pretty) (${THINGS.join('|')})!$`;

/** What every world is, also that of a saved game. */
export const WORLD = {
  type: 'object',
  properties: {
    hero: { enum: [...GIRLS, ...BOYS] },
    friend: { enum: FRIENDS },
    called: { enum: NAMES },
    place: { enum: PLACES },
    weather: { enum: WEATHER },
    mood: { enum: MOODS },
    wish: { type: 'string', pattern: WISH },
    found: { type: 'array', items: { enum: THINGS }, uniqueItems: true, maxItems: 8 },
  },
  required: ['hero', 'friend', 'called', 'place', 'weather', 'mood', 'wish', 'found'],
  additionalProperties: false,
};

const withProperties = (properties) => ({ ...WORLD, properties: { ...WORLD.properties, ...properties } });

/** A world in which nothing has happened. */
export const NEW_WORLD = withProperties({
  mood: { enum: ['happy', 'excited', 'curious', 'brave'] },
  found: { const: [] },
});

/**
 * What the world may be after a turn: only what its text names can be new. Things are found in what the model has
 * told, places and moods also in what the player has done.
 */
export function worldAfter(world, done, told) {
  const named = (names, text) => {
    const words = new Set(text.toLowerCase().match(/[a-z]+/g));
    return names.filter((name) => words.has(name));
  };
  const oneOf = (names, before) => (names.length > 0 ? { enum: names } : { const: before });
  const { place, mood, found, ...rest } = world;
  const kept = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, { const: value }]));
  const { maxItems } = WORLD.properties.found;
  const seen = named(THINGS, told).filter((thing) => !found.includes(thing));
  const most = Math.min(found.length + seen.length, maxItems);
  return withProperties({
    ...kept,
    place: oneOf(named(PLACES, done + told), place),
    mood: oneOf(named(MOODS, done + told), mood),
    found: {
      type: 'array',
      prefixItems: found.map((thing) => ({ const: thing })),
      items: seen.length > 0 && { enum: seen },
      uniqueItems: true,
      // If anything new is named, at least one thing is found.
      minItems: Math.min(found.length + 1, most),
      maxItems: most,
    },
  });
}

/** What the hero wishes for: "shiny key". */
export const wishOf = ({ wish }) => /find a (.*)!/.exec(wish)[1];

/** The thing alone: "key". */
export const wishedThing = (world) => wishOf(world).split(' ')[1];

/** Names that nobody in a world has. */
export const otherNames = ({ hero, called }) =>
  [...GIRLS, ...BOYS, ...NAMES].filter((name) => name !== hero && name !== called);

/** How the story of a world begins. */
export function beginning({ hero, friend, called, place, weather, mood, wish }) {
  const [child, pronoun] = GIRLS.includes(hero) ? ['girl', 'She'] : ['boy', 'He'];
  return [
    `Once upon a time, there was a little ${child} named ${hero}.`,
    `${pronoun} had a ${friend} named ${called}.`,
    `One ${weather} day, ${hero} was ${mood}.`,
    `${pronoun} went to the ${place} with ${called}.`,
    `"${wish}" said ${hero}.`,
  ].join(' ');
}

/** A world for people to read. */
export function described(world) {
  const { hero, friend, called, place, weather, mood, found } = world;
  const parts = [
    `${hero} (${mood}) and ${called} the ${friend}`,
    `${place}, ${weather}`,
    `looking for a ${wishOf(world)}`,
    `found: ${found.join(', ') || 'nothing yet'}`,
  ];
  return parts.join(' · ');
}
