package standin

import (
	"fmt"
	"strings"
	"time"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// tweet is one result. Texts are as people write them; escaping is the answer's matter.
type tweet struct {
	id        uint64
	created   time.Time
	from      author
	to        *author // nil unless the tweet is addressed to somebody
	repliesTo uint64  // the tweet that was replied to, 0 if none
	place     gazetteer.Place
	located   bool // whether geo is given
	atCountry bool // whether location names the country too
	retweets  int  // above 0 in a popular tweet
	language  string
	text      string
}

// author is who a tweet is from, or to.
type author struct {
	id         uint64
	user, name string
	picture    uint64
}

const (
	// tweetsPerPlace is how often each place in range is written about.
	tweetsPerPlace = 5

	// interval is the time between one tweet and the one before, give or take as much.
	interval = 40 * time.Second

	// snowflakeEpoch is the millisecond since 1970 from which Twitter's ids count; below the time an id has 22 bits.
	snowflakeEpoch = 1288834974657
	snowflakeBits  = 22
)

// The days of every answer's newest tweet. They are fixed, as answers depend on the question alone.
var (
	day2012 = time.Date(2012, time.November, 16, 0, 0, 0, 0, time.UTC) // v1's last months, v1.1's first
	day2023 = time.Date(2023, time.October, 12, 0, 0, 0, 0, time.UTC)  // the year in which Twitter became X
)

// timeline is all tweets that answer a question, of which a page is a part. They are made when they are needed, each from
// the question and its own number alone, so the second page goes on where the first ended without anything being kept.
type timeline struct {
	question
	places []gazetteer.Place // nearest first
	seed   seed              // of the question, its page and page size excepted
	newest time.Time
}

// timelineOf finds the places a question is about; the newest tweet is of the day.
func timelineOf(q question, day time.Time) timeline {
	t := timeline{question: q}
	if q.near {
		t.places = gazetteer.Nearby(q.lat, q.lon, q.radiusKM(), maxResults)
	}
	t.seed = seedOf(q.geocode() + q.words)
	t.newest = day.Add(time.Duration(t.seed.with(0).below(uint64(24 * time.Hour))))
	return t
}

// len is how many tweets there are.
func (t *timeline) len() int { return min(len(t.places)*tweetsPerPlace, maxResults) }

// completedIn is how many seconds the search is said to have taken.
func (t *timeline) completedIn() string { return shortest(float64(8+t.seed.below(120)) / 1000) }

// at makes a tweet; 0 is the newest. Places take turns, the nearest first, so that a short answer names several.
func (t *timeline) at(i int) tweet {
	place := t.places[i%len(t.places)]
	s := t.seed.with(uint64(i) + 1)
	// Every tweet has a span of its own, later ones before earlier ones: ids and times fall strictly.
	created := t.newest.Add(-time.Duration(i)*interval - time.Duration(s.with(0).below(uint64(interval)))).Truncate(time.Millisecond)
	w := tweet{
		id:        idAt(created, s.with(1)),
		created:   created,
		from:      authorOf(s.with(2)),
		place:     place,
		located:   s.with(3).oneIn(2),
		atCountry: s.with(4).oneIn(2),
	}
	if s.with(5).oneIn(12) {
		w.retweets = 1 + int(s.with(6).below(90))
	}
	t.write(&w, i, s)
	return w
}

// write decides the tweet's language and text, and to whom it is.
func (t *timeline) write(w *tweet, i int, s seed) {
	spoken := languageOf(w.place.Country)
	if s.with(7).oneIn(4) {
		spoken = english
	}
	// A place's turns have phrases that follow each other, so that it never says the same twice in one language.
	turn := uint64(i / len(t.places))
	phrase := spoken.phrases[(seedOf(w.place.Name).below(64)+turn)%uint64(len(spoken.phrases))]
	w.language = spoken.code
	w.text = strings.ReplaceAll(phrase, "{}", w.place.Name)
	if s.with(8).oneIn(4) {
		to := authorOf(s.with(9))
		w.to = &to
		w.text = "@" + to.user + " " + w.text
		if s.with(10).oneIn(2) {
			w.repliesTo = idAt(w.created.Add(-10*time.Minute), s.with(11))
		}
	}
	if t.words != "" {
		w.text += " " + t.words
	}
}

// idAt makes an id as Twitter did: the time, and bits that tell tweets of one millisecond apart.
func idAt(at time.Time, s seed) uint64 {
	return uint64(at.UnixMilli()-snowflakeEpoch)<<snowflakeBits | s.below(1<<snowflakeBits)
}

// authorOf makes somebody.
func authorOf(s seed) author {
	p := people[s.with(0).below(uint64(len(people)))]
	return author{
		id:      1000 + s.with(1).below(900_000_000),
		user:    fmt.Sprintf("%s%d", p.user, s.with(2).below(1000)),
		name:    p.name,
		picture: s.with(3).below(3_000_000_000),
	}
}

// location is what the author says about where he is.
func (w *tweet) location() string {
	if w.atCountry {
		return w.place.Name + ", " + w.place.Country
	}
	return w.place.Name
}
