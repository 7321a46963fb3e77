package standin

import (
	"net/http"
	"slices"
	"strconv"
)

// x is X's API v2, recent search, asked with a bearer token: any will do.
//
// The query must hold point_radius:[LON LAT RADIUS], the radius followed by km or mi and less than 40 km or 25 mi. Its
// other operators (a word with a colon, or with a minus before it) are ignored, its words do not select. Understood are
// max_results, next_token and its other name pagination_token, tweet.fields, user.fields, place.fields and expansions. All
// other parameters (since_id, until_id, start_time, end_time, sort_order, media.fields, poll.fields) are ignored.
var x = api{
	path:   "/2/tweets/search/recent",
	method: http.MethodGet,
	answer: func(r *http.Request, _ []byte) reply {
		if !hasBearerToken(r) {
			return xProblem(http.StatusUnauthorized)
		}
		q, invalid := parseX(r.URL.RawQuery)
		if invalid != nil {
			return invalid.reply()
		}
		return reply{http.StatusOK, xType, nil, answerX(q)}
	},
	refuse: func(status int) reply {
		refusal := xProblem(status)
		if status == http.StatusTooManyRequests {
			refusal.header = rateLimitHeader()
		}
		return refusal
	},
}

const xType = "application/json; charset=utf-8"

// xProblem is an error that has nothing to do with parameters: its status says all there is.
func xProblem(status int) reply {
	words := http.StatusText(status)
	if words == "" { // 599, for instance: a title is never empty
		words = "Unknown Error"
	}
	w := writer{style: xStyle}
	return reply{status, xType, nil, w.document(func() {
		w.string("title", words)
		w.string("detail", words)
		w.string("type", "about:blank")
		w.int("status", status)
	})}
}

// xInvalid is a parameter that cannot be answered, and why.
type xInvalid struct{ parameter, value, message string }

// reply is the error for it.
func (i xInvalid) reply() reply {
	w := writer{style: xStyle}
	return reply{http.StatusBadRequest, xType, nil, w.document(func() {
		w.list("errors", 1, func(int) {
			w.object("parameters", func() { w.strings(i.parameter, i.value) })
			w.string("message", i.message)
		})
		w.string("title", "Invalid Request")
		w.string("detail", "One or more parameters to your request was invalid.")
		w.string("type", "https://api.x.com/2/problems/invalid-request")
	})}
}

// answerX is the body for a question. Where there is no tweet there is no data either.
func answerX(q xQuestion) []byte {
	t := timelineOf(q.question, day2023)
	// A token holds where its page begins, so nothing is kept between pages; beyond the end there is nothing.
	first := min(q.first, t.len())
	last := min(first+q.perPage, t.len())
	page := make([]tweet, 0, last-first)
	for i := first; i < last; i++ {
		page = append(page, t.at(i))
	}
	w := writer{style: xStyle}
	return w.document(func() {
		if len(page) > 0 {
			w.list("data", len(page), func(i int) { w.post(page[i], q) })
			w.includes(page, q)
		}
		w.object("meta", func() {
			if len(page) > 0 {
				w.string("newest_id", strconv.FormatUint(page[0].id, 10))
				w.string("oldest_id", strconv.FormatUint(page[len(page)-1].id, 10))
			}
			w.int("result_count", len(page))
			if last < t.len() {
				w.string("next_token", q.token(last))
			}
		})
	})
}

// post writes the members of one element of data. X gives id, text and the edit history always; all else must be asked
// for, by field or by an expansion, which brings the id of what it expands. The order is alphabetical, as X's is of
// late.
func (w *writer) post(t tweet, q xQuestion) {
	asks := func(field string) bool { return slices.Contains(q.tweetFields, field) }
	id := strconv.FormatUint(t.id, 10)
	if asks("author_id") || q.expands("author_id") {
		w.string("author_id", strconv.FormatUint(t.from.id, 10))
	}
	if asks("created_at") {
		w.string("created_at", t.created.Format("2006-01-02T15:04:05.000Z"))
	}
	w.strings("edit_history_tweet_ids", id)
	if asks("geo") || q.expands("geo.place_id") {
		w.object("geo", func() {
			// Every tweet of the stand-in has a place; the exact point is in those only whose author gave it. Longitude first.
			if t.located {
				w.raw("coordinates", `{"type":"Point","coordinates":[`+shortest(t.place.Lon)+","+shortest(t.place.Lat)+`]}`)
			}
			w.string("place_id", xPlaceID(t.place))
		})
	}
	w.string("id", id)
	if t.to != nil && (asks("in_reply_to_user_id") || q.expands("in_reply_to_user_id")) {
		w.string("in_reply_to_user_id", strconv.FormatUint(t.to.id, 10))
	}
	if asks("lang") {
		w.string("lang", t.language)
	}
	if asks("possibly_sensitive") {
		w.bool("possibly_sensitive", false)
	}
	if asks("public_metrics") {
		w.object("public_metrics", func() {
			w.int("retweet_count", t.retweets)
			w.int("reply_count", 0)
			w.int("like_count", t.retweets/2)
			w.int("quote_count", 0)
			w.int("bookmark_count", 0)
			// Made up, but in proportion: who is repeated has been seen.
			w.int("impression_count", 100*t.retweets)
		})
	}
	w.string("text", escapeText.Replace(t.text))
}
