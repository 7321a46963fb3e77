package standin

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// places is Google Places' old Nearby Search, asked with a key: any will do. Its status is always 200 and the body says
// what came of it. The places are real, towns and cities, with the places' true coordinates.
//
// Understood are location, radius, rankby, keyword or else name (a part of the place's name, in any case), type, and
// pagetoken, which is good at once and for ever; the real one takes a moment. All other parameters (language, minprice,
// maxprice, opennow, sensor) are ignored.
var places = api{
	path:   "/maps/api/place/nearbysearch/json",
	method: http.MethodGet,
	answer: func(r *http.Request, _ []byte) reply {
		parameters, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return placesError("INVALID_REQUEST", string(errParameters))
		}
		// The key comes before all else: who has none learns nothing about his other parameters.
		if parameters.Get("key") == "" {
			return placesError("REQUEST_DENIED", "You must use an API key: the parameter key is missing.")
		}
		q, err := parsePlaces(parameters)
		if err != nil {
			return placesError("INVALID_REQUEST", err.Error())
		}
		return placesReply(answerPlaces(q))
	},
	refuse: func(status int) reply {
		switch status {
		case http.StatusTooManyRequests:
			return placesError("OVER_QUERY_LIMIT", "You have exceeded your rate-limit for this API.")
		case http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge:
			// Here too the status is 200: readers of this service look at the body alone.
			return placesError("INVALID_REQUEST", http.StatusText(status))
		}
		return placesError("UNKNOWN_ERROR", "The request could not be processed, it may succeed if it is tried again.")
	},
}

// Bounds of Nearby Search, old and new: metres, results of a page, and pages.
const (
	placesMaxRadius = 50000
	placesPerPage   = 20
	placesPages     = 3
)

// placesReply is an answer; an error is one too.
func placesReply(body []byte) reply {
	return reply{http.StatusOK, "application/json; charset=UTF-8", nil, body}
}

// placesError is an error in the form of the old Places.
func placesError(status, message string) reply {
	w := writer{style: placesStyle}
	return placesReply(w.document(func() {
		w.string("error_message", message)
		w.raw("html_attributions", "[]")
		w.raw("results", "[]")
		w.string("status", status)
	}))
}

// placesQuestion is a search after its parameters were checked.
type placesQuestion struct {
	circle
	keyword string // a part of the name, in small letters; "" for any
	kind    string // one of placeTypes; "" for any
	first   int    // where in all results the page begins
}

const (
	errLocation    refusal = "location must be LATITUDE,LONGITUDE"
	errRadius      refusal = "radius must be above 0 and at most 50000 metres"
	errRankBy      refusal = "rankby must be prominence or distance"
	errNotBoth     refusal = "rankby=distance does not go with radius"
	errDistanceFor refusal = "rankby=distance needs keyword, name or type"
	errPageToken   refusal = "pagetoken is not one that this service gave"
)

// parsePlaces reads the parameters; a pagetoken stands for all of them, as Google documents: whatever comes beside it but
// the key is ignored.
func parsePlaces(parameters url.Values) (q placesQuestion, err error) {
	if token := parameters.Get("pagetoken"); token != "" {
		text, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return q, errPageToken
		}
		if parameters, err = url.ParseQuery(string(text)); err != nil {
			return q, errPageToken
		}
		if q.first, err = strconv.Atoi(parameters.Get("from")); err != nil || q.first < 0 || q.first >= placesPages*placesPerPage {
			return q, errPageToken
		}
	}
	var ok bool
	if q.lat, q.lon, ok = parsePoint(parameters.Get("location"), ","); !ok {
		return q, errLocation
	}
	q.keyword = strings.ToLower(cmp.Or(parameters.Get("keyword"), parameters.Get("name")))
	q.kind = parameters.Get("type")
	return q, q.parseReach(parameters)
}

// parseReach reads how far the search goes, and what comes first. By distance it goes as far as it can, and Google wants
// something to look for instead of a radius: places of any sort are never far.
func (q *placesQuestion) parseReach(parameters url.Values) error {
	radius := parameters.Get("radius")
	switch parameters.Get("rankby") {
	case "", "prominence":
		var ok bool
		if q.radius, ok = decimal(radius, 0, placesMaxRadius); !ok || q.radius == 0 {
			return errRadius
		}
		return nil
	case "distance":
		q.radius, q.nearest = placesMaxRadius, true
		if radius != "" {
			return errNotBoth
		}
		if q.keyword+q.kind == "" {
			return errDistanceFor
		}
		return nil
	}
	return errRankBy
}

// wants tells whether a place is searched for.
func (q placesQuestion) wants(p gazetteer.Place) bool {
	return strings.Contains(strings.ToLower(p.Name), q.keyword) && (q.kind == "" || slices.Contains(placeTypes, q.kind))
}

// token is the pagetoken of the page that begins with a result. It holds the whole question, since nobody sends that again;
// so the stand-in need not remember whom it gave which, and a token outlives it.
func (q placesQuestion) token(first int) string {
	parameters := url.Values{
		"from": {strconv.Itoa(first)}, "location": {shortest(q.lat) + "," + shortest(q.lon)}, "keyword": {q.keyword}, "type": {q.kind},
	}
	if q.nearest {
		parameters.Set("rankby", "distance")
	} else {
		parameters.Set("radius", shortest(q.radius))
	}
	return base64.RawURLEncoding.EncodeToString([]byte(parameters.Encode()))
}

// answerPlaces is the body for a question. Prominence is Google's secret; here it is the number of inhabitants.
func answerPlaces(q placesQuestion) []byte {
	all := q.find(placesPages*placesPerPage, q.wants)
	first := min(q.first, len(all))
	page := all[first:min(first+placesPerPage, len(all))]
	w := writer{style: placesStyle}
	return w.document(func() {
		w.raw("html_attributions", "[]")
		if next := first + len(page); next < len(all) {
			w.string("next_page_token", q.token(next))
		}
		w.list("results", len(page), func(i int) { w.nearby(page[i]) })
		status := "OK"
		if len(page) == 0 {
			status = "ZERO_RESULTS"
		}
		w.string("status", status)
	})
}

// nearby writes the members of one element of results.
func (w *writer) nearby(p gazetteer.Place) {
	point := func(name string, lat, lon float64) {
		w.object(name, func() {
			w.float("lat", lat)
			w.float("lng", lon)
		})
	}
	// What the gazetteer does not know (photos, ratings, opening hours) is left out, as for any place without them.
	shown := boxAround(p)
	w.object("geometry", func() {
		point("location", p.Lat, p.Lon)
		w.object("viewport", func() {
			point("northeast", shown.north, shown.east)
			point("southwest", shown.south, shown.west)
		})
	})
	w.string("icon", "https://images.proxyherd.invalid/place_api/icons/geocode-71.png")
	w.string("name", p.Name)
	w.string("place_id", googleID(p))
	w.string("reference", googleID(p))
	w.string("scope", "GOOGLE")
	w.strings("types", placeTypes...)
	w.string("vicinity", nameAndCountry(p))
}
