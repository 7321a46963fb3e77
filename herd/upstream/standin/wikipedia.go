package standin

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// wikipedia is the GeoSearch of MediaWiki's API, asked without a key. Errors have the status 200 and say so in the body.
// The pages are those of real places, the nearest first, with the places' true coordinates and the true distances; the
// pages' numbers are made up.
//
// Understood are action=query, list=geosearch, format=json, formatversion 1 and 2, gscoord, gsradius and gslimit. All other
// parameters (gspage, gsbbox, gsmaxdim, gsglobe, gsnamespace, gsprop, gsprimary, gssort) are ignored.
var wikipedia = api{
	path:   "/w/api.php",
	method: http.MethodGet,
	answer: func(r *http.Request, _ []byte) reply {
		parameters, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return wikiError(http.StatusOK, "badquery", string(errParameters))
		}
		q, wrong := parseWiki(parameters)
		if wrong != nil {
			return wikiError(http.StatusOK, wrong.code, wrong.info)
		}
		return reply{http.StatusOK, wikiType, nil, answerWiki(q)}
	},
	refuse: func(status int) reply {
		switch status {
		case http.StatusTooManyRequests:
			refusal := wikiError(status, "ratelimited", "You've exceeded your rate limit. Please wait some time and try again.")
			refusal.header.Set("Retry-After", retryAfter)
			return refusal
		case http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge:
			// The servers before MediaWiki say this, in HTML; JSON is kinder to who reads it.
			return wikiError(status, "badrequest", http.StatusText(status))
		}
		return wikiError(status, "internal_api_error_Exception", "An error came up while the question was answered.")
	},
}

const wikiType = "application/json; charset=utf-8"

// wikiError is an error in MediaWiki's form. The code stands in the head too, for those who would rather not read the body.
func wikiError(status int, code, info string) reply {
	w := writer{style: wikiStyle}
	return reply{status, wikiType, http.Header{"Mediawiki-Api-Error": {code}}, w.document(func() {
		w.object("error", func() {
			w.string("code", code)
			w.string("info", info)
			w.string("*", "See https://wiki.proxyherd.invalid/w/api.php for API usage.")
		})
		w.string("servedby", "standin.proxyherd.invalid")
	})}
}

// Bounds of GeoSearch: metres, and results.
const (
	wikiMinRadius     = 10
	wikiMaxRadius     = 10000
	wikiDefaultRadius = 500
	wikiMaxLimit      = 500
	wikiDefaultLimit  = 10
)

// wikiQuestion is a search after its parameters were checked.
type wikiQuestion struct {
	circle
	limit   int
	warning string // what was changed, "" for nothing
	modern  bool   // formatversion 2: true is true, not "", and text is not ASCII only
}

// wikiWrong is why a question is not answered.
type wikiWrong struct{ code, info string }

// parseWiki reads the parameters. MediaWiki has hundreds of actions and lists; a question for another one than the
// stand-in's is told that there is no such thing. Codes are those of MediaWiki and of its extension GeoData.
func parseWiki(parameters url.Values) (q wikiQuestion, wrong *wikiWrong) {
	for _, must := range [][2]string{{"action", "query"}, {"list", "geosearch"}, {"format", "json"}} {
		if value := parameters.Get(must[0]); value != must[1] {
			return q, &wikiWrong{"badvalue", fmt.Sprintf("Unrecognized value for parameter %q: %s.", must[0], value)}
		}
	}
	switch version := parameters.Get("formatversion"); version {
	case "", "1":
	case "2", "latest":
		q.modern = true
	default:
		return q, &wikiWrong{"badvalue", fmt.Sprintf(`Unrecognized value for parameter "formatversion": %s.`, version)}
	}
	coord := parameters.Get("gscoord")
	if coord == "" {
		return q, &wikiWrong{"missingparam", `One of the parameters "gscoord", "gspage" and "gsbbox" is required.`}
	}
	var ok bool
	if q.lat, q.lon, ok = parsePoint(coord, "|"); !ok {
		return q, &wikiWrong{"invalid-coord", "Invalid coordinate provided"}
	}
	return q, q.parseBounds(parameters)
}

// parseBounds reads how far the search goes and how much it finds. MediaWiki refuses a radius out of bounds, and puts a
// limit right.
func (q *wikiQuestion) parseBounds(parameters url.Values) *wikiWrong {
	// An empty value counts as none, as elsewhere in this package.
	number := func(name string, missing int) (int, *wikiWrong) {
		text := parameters.Get(name)
		if text == "" {
			return missing, nil
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, &wikiWrong{"badinteger", fmt.Sprintf("Invalid value %q for integer parameter %q.", text, name)}
		}
		return n, nil
	}
	radius, wrong := number("gsradius", wikiDefaultRadius)
	if wrong != nil {
		return wrong
	}
	if radius < wikiMinRadius || radius > wikiMaxRadius {
		return &wikiWrong{"outofrange", fmt.Sprintf(`The value "%d" for parameter "gsradius" must be between %d and %d.`, radius, wikiMinRadius, wikiMaxRadius)}
	}
	q.radius, q.nearest = float64(radius), true
	// max is as much as there may be, without a number that a later MediaWiki might refuse.
	if parameters.Get("gslimit") == "max" {
		q.limit = wikiMaxLimit
		return nil
	}
	asked, wrong := number("gslimit", wikiDefaultLimit)
	q.limit = min(max(asked, 1), wikiMaxLimit)
	if q.limit != asked {
		q.warning = fmt.Sprintf(`The value "%d" for parameter "gslimit" must be between 1 and %d.`, asked, wikiMaxLimit)
	}
	return wrong
}

// answerWiki is the body for a question.
func answerWiki(q wikiQuestion) []byte {
	found := q.find(q.limit, func(gazetteer.Place) bool { return true })
	w := writer{style: wikiStyle}
	w.ascii = !q.modern
	return w.document(func() {
		w.flag("batchcomplete", q.modern)
		if q.warning != "" {
			text := "*"
			if q.modern {
				text = "warnings"
			}
			w.object("warnings", func() { w.object("geosearch", func() { w.string(text, q.warning) }) })
		}
		w.object("query", func() {
			w.list("geosearch", len(found), func(i int) { w.page(found[i], q) })
		})
	})
}

// flag writes what is true: in the old format by being there.
func (w *writer) flag(name string, modern bool) {
	if modern {
		w.bool(name, true)
	} else {
		w.string(name, "")
	}
}

// page writes the members of one element of geosearch.
func (w *writer) page(p gazetteer.Place, q wikiQuestion) {
	// A number of its own for each place, the same in every answer, in the range that Wikipedia's have.
	w.int("pageid", 1+int(seedOfPlace(p).below(90_000_000)))
	w.int("ns", 0)
	w.string("title", p.Name)
	w.float("lat", p.Lat)
	w.float("lon", p.Lon)
	// Metres with one digit: GeoData rounds like this.
	w.float("dist", math.Round(p.DistanceKM(q.lat, q.lon)*1e4)/10)
	w.flag("primary", q.modern)
}
