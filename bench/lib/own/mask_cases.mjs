const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 60 },
    email: { type: 'string', format: 'email' },
    born: { type: 'string', format: 'date' },
    height: { type: 'number', minimum: 0.4, maximum: 2.8 },
    hair: { enum: ['black', 'brown', 'blond', 'red', 'grey', null] },
    children: { type: 'array', items: { $ref: '#' }, maxItems: 12 },
  },
  required: ['name', 'born'],
};

const ADA = {
  name: 'Ada Lovelace, Countess of Somewhere',
  email: 'ada.lovelace@example.org',
  born: '1815-12-10',
  height: 1.63,
  hair: 'brown',
  children: [
    { name: 'Byron', born: '1836-05-12', hair: null },
    { name: 'Anne Isabella Noel', email: 'anne@blunt.example', born: '1837-09-22', children: [] },
  ],
};

const ANYTHING = {
  title: 'A list of things, and "more"\nthan that',
  items: [1, -2.5, 1e21, true, null, { deep: [[], {}, [['x']]], naïve: 'café' }],
  text: 'The quick brown fox jumps over the lazy dog, again and again, until it is tired and goes home to sleep.',
};

/** Formats and texts that have them. */
export const MASK_CASES = [
  {
    name: 'schema of a record',
    definition: { jsonSchema: PERSON },
    texts: [JSON.stringify(ADA)],
  },
  {
    name: 'the same, any order and white space',
    definition: { jsonSchema: PERSON, order: 'any', whitespace: 'any' },
    texts: [JSON.stringify(ADA, null, 2), JSON.stringify(Object.fromEntries(Object.entries(ADA).reverse()))],
  },
  {
    name: 'any JSON',
    definition: { jsonSchema: {}, whitespace: 'any' },
    texts: [JSON.stringify(ANYTHING), JSON.stringify(ANYTHING, null, 2)],
  },
  {
    name: 'regular expression',
    definition: { regex: '(?:[A-Z][a-z]+(?: [a-z]+){2,20}[.!?] ?){1,10}' },
    texts: [
      'The cat sat on the mat. It was a very happy cat! Where did the dog go after that? Nobody knows it.',
    ],
  },
  {
    name: 'grammar of sums',
    definition: {
      grammar:
        'root ::= sum "=" number\nsum ::= part ([+*-] part)*\npart ::= number | "(" sum ")"\nnumber ::= [0-9]+',
    },
    texts: ['(12+3)*4-(5+(678*9-1))=1234', '1+2+3+4+5+6+7+8+9=45'],
  },
  {
    name: 'one of 500 choices',
    definition: { choices: Array.from({ length: 500 }, (_, i) => `choice number ${i} of the list`) },
    texts: ['choice number 7 of the list', 'choice number 499 of the list'],
  },
];
