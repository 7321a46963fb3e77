package standin

import (
	"fmt"
	"slices"
	"strconv"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// acquaintance is somebody whom a tweet is from or to; where he is, only his own tweets say.
type acquaintance struct {
	author
	location string
}

// includes writes who and what the tweets of a page name, as far as the question expands it; each but once, in the order
// in which the tweets name them.
func (w *writer) includes(page []tweet, q xQuestion) {
	var people []acquaintance
	meet := func(p acquaintance) {
		if !slices.ContainsFunc(people, func(other acquaintance) bool { return other.id == p.id }) {
			people = append(people, p)
		}
	}
	var places []gazetteer.Place
	for _, t := range page {
		if q.expands("author_id") {
			meet(acquaintance{t.from, t.location()})
		}
		if q.expands("in_reply_to_user_id") && t.to != nil {
			meet(acquaintance{*t.to, ""})
		}
		if q.expands("geo.place_id") && !slices.Contains(places, t.place) {
			places = append(places, t.place)
		}
	}
	if len(people)+len(places) == 0 {
		return
	}
	w.object("includes", func() {
		if len(places) > 0 {
			w.list("places", len(places), func(i int) { w.xPlace(places[i], q) })
		}
		if len(people) > 0 {
			w.list("users", len(people), func(i int) { w.xUser(people[i], q) })
		}
	})
}

// xPlaceID names a place in X's way: 16 hexadecimal digits.
func xPlaceID(p gazetteer.Place) string { return fmt.Sprintf("%016x", uint64(seedOfPlace(p))) }

// xPlace writes the members of a place.
func (w *writer) xPlace(p gazetteer.Place, q xQuestion) {
	asks := func(field string) bool { return slices.Contains(q.placeFields, field) }
	if asks("country_code") {
		w.string("country_code", p.Country)
	}
	w.string("full_name", nameAndCountry(p))
	if asks("geo") {
		box := boxAround(p)
		w.raw("geo", fmt.Sprintf(`{"type":"Feature","bbox":[%s,%s,%s,%s],"properties":{}}`,
			shortest(box.west), shortest(box.south), shortest(box.east), shortest(box.north)))
	}
	w.string("id", xPlaceID(p))
	if asks("name") {
		w.string("name", p.Name)
	}
	if asks("place_type") {
		w.string("place_type", "city")
	}
}

// xUser writes the members of a user.
func (w *writer) xUser(p acquaintance, q xQuestion) {
	asks := func(field string) bool { return slices.Contains(q.userFields, field) }
	w.string("id", strconv.FormatUint(p.id, 10))
	if asks("location") && p.location != "" {
		w.string("location", p.location)
	}
	w.string("name", p.name)
	if asks("profile_image_url") {
		w.string("profile_image_url", "https"+p.image())
	}
	if asks("protected") {
		w.bool("protected", false)
	}
	w.string("username", p.user)
	if asks("verified") {
		w.bool("verified", false)
	}
}
