package standin

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// entity is a part of a tweet's text that means something: a topic, an address, somebody.
type entity struct {
	text     string // with its sign
	from, to int    // where it stands, in characters of the text as it is sent; to is behind it
}

// entitiesOf finds the words of a text that begin with a sign or a scheme. What a sign begins ends where its letters,
// digits and underscores do; an address ends with the word.
func entitiesOf(text, prefix string) (found []entity) {
	at := 0
	for word := range strings.SplitSeq(text, " ") {
		if strings.HasPrefix(word, prefix) {
			end := len(word)
			if other := strings.IndexFunc(word[1:], isNoName); len(prefix) == 1 && other >= 0 {
				end = 1 + other
			}
			if end > len(prefix) {
				found = append(found, entity{word[:end], at, at + utf8.RuneCountInString(word[:end])})
			}
		}
		at += utf8.RuneCountInString(word) + 1
	}
	return found
}

// isNoName tells what cannot stand in a topic or a name.
func isNoName(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// entities writes what a tweet's text means, in the form of v1.1. Only one can be mentioned: to whom the tweet is.
func (w *writer) entities(t tweet, text string) {
	topics, addresses := entitiesOf(text, "#"), entitiesOf(text, "http://")
	w.list("hashtags", len(topics), func(i int) {
		w.string("text", topics[i].text[1:])
		w.raw("indices", topics[i].indices())
	})
	w.raw("symbols", "[]")
	w.list("urls", len(addresses), func(i int) {
		w.string("url", addresses[i].text)
		w.string("expanded_url", addresses[i].text)
		w.string("display_url", strings.TrimPrefix(addresses[i].text, "http://"))
		w.raw("indices", addresses[i].indices())
	})
	mentions := entitiesOf(text, "@")
	if t.to == nil {
		mentions = nil
	}
	w.list("user_mentions", min(len(mentions), 1), func(i int) {
		w.string("screen_name", t.to.user)
		w.string("name", t.to.name)
		w.id("id", t.to.id)
		w.raw("indices", mentions[i].indices())
	})
}

// indices is where the entity stands, as JSON.
func (e entity) indices() string {
	return fmt.Sprintf("[%d,%d]", e.from, e.to)
}
