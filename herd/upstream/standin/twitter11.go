package standin

import (
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// twitter11 is the API v1.1 as it was when it began, asked with a bearer token: any will do.
//
// Understood are q and geocode as in v1, count, and max_id and since_id, by which its pages are turned. Words in q do not
// select. The tweets are the same ones that v1 has. All other parameters (lang, locale, result_type, until,
// include_entities, tweet_mode, callback) are ignored, and place is always null.
var twitter11 = api{
	path:   "/1.1/search/tweets.json",
	method: http.MethodGet,
	answer: func(r *http.Request, _ []byte) reply {
		// The codes here and below are those of Twitter's list of them, the nearest one where it has none for a case.
		if !hasBearerToken(r) {
			return twitter11Error(http.StatusBadRequest, 215, "Bad Authentication data.")
		}
		q, err := parse11(r.URL.RawQuery)
		if err != nil {
			return twitter11Error(http.StatusForbidden, 195, err.Error())
		}
		return reply{http.StatusOK, twitterType, nil, answer11(q)}
	},
	refuse: func(status int) reply {
		switch status {
		case http.StatusTooManyRequests:
			refusal := twitter11Error(status, 88, "Rate limit exceeded")
			refusal.header = rateLimitHeader()
			return refusal
		case http.StatusMethodNotAllowed:
			return twitter11Error(status, 86, "This method requires a GET.")
		case http.StatusRequestEntityTooLarge:
			return twitter11Error(status, 195, "The request is too large.")
		case http.StatusServiceUnavailable:
			return twitter11Error(status, 130, "Over capacity")
		}
		return twitter11Error(status, 131, "Internal error")
	},
}

// hasBearerToken tells whether a request names a token at all, which is all that the stand-in asks for.
func hasBearerToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) != ""
}

// rateLimitHeader is the head of a 429 of Twitter's and X's: how many questions a quarter of an hour has, and the second
// since 1970 at which they may be asked again.
func rateLimitHeader() http.Header {
	return http.Header{
		"X-Rate-Limit-Limit":     {"450"},
		"X-Rate-Limit-Remaining": {"0"},
		"X-Rate-Limit-Reset":     {strconv.FormatInt(time.Now().Unix()+retryAfterSeconds, 10)},
	}
}

// twitter11Error is an error in the form of v1.1.
func twitter11Error(status, code int, message string) reply {
	w := writer{style: twitterStyle}
	return reply{status, twitterType, nil, w.document(func() {
		// A list, since one question may have several faults; the stand-in tells the first.
		w.list("errors", 1, func(int) {
			w.int("code", code)
			w.string("message", message)
		})
	})}
}

// question11 is a search of v1.1.
type question11 struct {
	question        // perPage is count; page is not used
	maxID    uint64 // the newest id that is wanted, 0 for any
	sinceID  uint64 // the newest id that is not wanted any more, 0 for none
}

const (
	errCount refusal = "count must be a whole number from 1 to 100"
	errID    refusal = "max_id and since_id must be whole numbers"
)

// parse11 reads the part of a URL after the question mark.
func parse11(raw string) (q question11, err error) {
	parameters, err := url.ParseQuery(raw)
	if err != nil {
		return q, errParameters
	}
	if err := q.parseSubject(parameters); err != nil {
		return q, err
	}
	var ok bool
	if q.perPage, ok = wholeNumber(parameters.Get("count"), defaultResultsPerPage); !ok || q.perPage > maxResultsPerPage {
		return q, errCount
	}
	if q.maxID, ok = idParameter(parameters, "max_id"); !ok {
		return q, errID
	}
	if q.sinceID, ok = idParameter(parameters, "since_id"); !ok {
		return q, errID
	}
	return q, nil
}

// idParameter reads a tweet's id; one that is missing or empty is 0, which no tweet has.
func idParameter(parameters url.Values, name string) (id uint64, ok bool) {
	text := parameters.Get(name)
	if text == "" {
		return 0, true
	}
	id, err := strconv.ParseUint(text, 10, 64)
	return id, err == nil
}

// answer11 is the body for a question. Ids fall along the timeline, so both bounds are found by halving.
func answer11(q question11) []byte {
	t := timelineOf(q.question, day2012)
	first, end := 0, t.len()
	if q.maxID > 0 {
		first = sort.Search(t.len(), func(i int) bool { return t.at(i).id <= q.maxID })
	}
	if q.sinceID > 0 {
		end = max(first, sort.Search(t.len(), func(i int) bool { return t.at(i).id <= q.sinceID }))
	}
	last := min(first+q.perPage, end)
	// A page repeats the id from which it was asked, so that the whole series says one and the same.
	newest := q.maxID
	if newest == 0 && t.len() > 0 {
		newest = t.at(0).id
	}
	w := writer{style: twitterStyle, dst: make([]byte, 0, 512+1800*(last-first))}
	return w.document(func() {
		w.list("statuses", last-first, func(i int) { w.status(t.at(first + i)) })
		w.object("search_metadata", func() {
			w.raw("completed_in", t.completedIn())
			w.id("max_id", newest)
			// max_id is inclusive: the next page begins with just the tweet that did not fit on this one.
			if last < end {
				w.string("next_results", fmt.Sprintf("?max_id=%d&%s&count=%d&include_entities=1", t.at(last).id, q.echo(), q.perPage))
			}
			w.string("query", url.QueryEscape(q.words))
			w.string("refresh_url", fmt.Sprintf("?since_id=%d&%s&include_entities=1", newest, q.echo()))
			w.int("count", q.perPage)
			w.id("since_id", q.sinceID)
		})
	})
}

// status writes the members of one element of statuses.
func (w *writer) status(t tweet) {
	w.string("created_at", t.created.Format(time.RubyDate))
	w.id("id", t.id)
	// Escaped like v1's; source is not, as it was there.
	text := escapeText.Replace(t.text)
	w.string("text", text)
	w.string("source", source)
	w.bool("truncated", false)
	w.inReplyTo(t)
	w.object("user", func() { w.user(t) })
	if t.located {
		// The same point twice: geo is older and has the latitude first, coordinates is GeoJSON and has the longitude first.
		lat, lon := shortest(t.place.Lat), shortest(t.place.Lon)
		w.raw("geo", `{"type":"Point","coordinates":[`+lat+","+lon+`]}`)
		w.raw("coordinates", `{"type":"Point","coordinates":[`+lon+","+lat+`]}`)
	} else {
		w.null("geo")
		w.null("coordinates")
	}
	w.null("place")
	w.null("contributors")
	w.int("retweet_count", t.retweets)
	w.int("favorite_count", t.retweets/2)
	w.bool("favorited", false)
	w.bool("retweeted", false)
	w.string("lang", t.language)
	w.object("metadata", func() {
		w.string("iso_language_code", t.language)
		w.string("result_type", "recent")
	})
	w.object("entities", func() { w.entities(t, text) })
}

// inReplyTo writes to what and to whom a tweet replies.
func (w *writer) inReplyTo(t tweet) {
	if t.repliesTo == 0 {
		w.null("in_reply_to_status_id")
		w.null("in_reply_to_status_id_str")
	} else {
		w.id("in_reply_to_status_id", t.repliesTo)
	}
	if t.to == nil {
		w.null("in_reply_to_user_id")
		w.null("in_reply_to_user_id_str")
		w.null("in_reply_to_screen_name")
	} else {
		w.id("in_reply_to_user_id", t.to.id)
		w.string("in_reply_to_screen_name", t.to.user)
	}
}

// user writes who a tweet is from; what the stand-in does not know of people is what a new account has.
func (w *writer) user(t tweet) {
	w.id("id", t.from.id)
	w.string("name", t.from.name)
	w.string("screen_name", t.from.user)
	w.string("location", t.location())
	w.string("description", "")
	w.null("url")
	w.bool("protected", false)
	w.int("followers_count", 0)
	w.int("friends_count", 0)
	w.int("listed_count", 0)
	w.string("created_at", day2012.AddDate(-1, 0, 0).Format(time.RubyDate))
	w.int("favourites_count", 0)
	w.bool("geo_enabled", true)
	w.bool("verified", false)
	w.int("statuses_count", 1)
	w.string("lang", t.language)
	w.string("profile_image_url", "http"+t.from.image())
	w.string("profile_image_url_https", "https"+t.from.image())
}
