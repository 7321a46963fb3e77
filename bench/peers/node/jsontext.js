'use strict';
// The upstream's JSON, in which nothing may change but white space and a list's
// end: 270123456789012345678 must leave as it came, so it is never rebuilt.

// -- upstream --

const BLANKS = /("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g;
const TOKENS = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^[\]{},:"]+/g;

/** The JSON without white space, its "results" cut to limit. SyntaxError if it is none. */
function oneLine(text, limit) {
  const bare = text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text;
  JSON.parse(bare); // only to know that it is JSON
  return cut(bare.replace(BLANKS, (_, string) => string ?? ''), limit);
}

/** Cut every list under the key "results" of the outermost object. */
function cut(text, limit) {
  const kept = [];
  let start = 0; // of the piece that stays
  let depth = 0;
  let items = -1; // counted while in the list
  let cutAt = -1;
  let key = '';
  let previous = '';
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (items >= 0 && depth === 2 && token !== ',' && token !== ']') items++;
    if (token === '{' || token === '[') {
      depth++;
      if (depth === 2 && token === '[' && key === '"results"' && text.startsWith('{')) {
        items = 0;
        cutAt = limit === 0 ? index + 1 : -1;
      }
    } else if (token === '}' || token === ']') {
      if (items >= 0 && depth === 2) {
        if (cutAt >= 0 && items > limit) {
          kept.push(text.slice(start, cutAt));
          start = index;
        }
        items = -1;
      }
      depth--;
    } else if (token === ',' && depth === 2 && items === limit && cutAt < 0) {
      cutAt = index;
    } else if (token === ':' && depth === 1) {
      key = previous;
    }
    previous = token;
  }
  return kept.join('') + text.slice(start);
}

/** An error in the form of Twitter's search. */
const error = (message) => JSON.stringify({ error: message });

module.exports = { oneLine, error };
