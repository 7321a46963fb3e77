package standin

import (
	"fmt"
	"net/http"
	"net/url"
)

// twitter is the Search API v1 as it was in late 2012, asked without a key.
//
// Understood are q, geocode (LAT,LON,RADIUS with km or mi), rpp and page. Words in q do not select, they are put at the
// end of each tweet; q without geocode finds nothing, since the stand-in knows places only. All other parameters of the
// API (since_id, max_id, until, lang, locale, result_type, include_entities, show_user, callback) are ignored: there is
// one unchanging set of tweets, max_id is always the newest, and answers are never JSONP.
var twitter = api{
	path:   "/search.json",
	method: http.MethodGet,
	answer: func(r *http.Request, _ []byte) reply {
		q, err := parse(r.URL.RawQuery)
		if err != nil {
			return twitterError(http.StatusForbidden, err.Error())
		}
		return reply{http.StatusOK, twitterType, nil, answer(q)}
	},
	refuse: refuseTwitter,
}

const (
	// statusEnhanceYourCalm is Twitter's own status for too many questions; others say 429.
	statusEnhanceYourCalm = 420

	twitterType = "application/json;charset=utf-8"

	overCapacity = "<!DOCTYPE html>\n<html><head><title>Over capacity</title></head>\n<body><h1>Too many tweets! Please wait a moment and try again.</h1></body></html>\n"
)

// refuseTwitter is what Twitter said to somebody whose question it did not look at; over capacity it sent a page of HTML.
func refuseTwitter(status int) reply {
	switch status {
	case http.StatusMethodNotAllowed:
		return twitterError(status, "A search is asked for with GET.")
	case http.StatusRequestEntityTooLarge:
		return twitterError(status, "The request is too large.")
	case http.StatusTooManyRequests:
		refusal := twitterError(statusEnhanceYourCalm, "You have been rate limited. Enhance your calm.")
		refusal.header = http.Header{"Retry-After": {retryAfter}}
		return refusal
	}
	return reply{status, "text/html; charset=utf-8", nil, []byte(overCapacity)}
}

// twitterError is an error in Twitter's form.
func twitterError(status int, message string) reply {
	w := writer{style: twitterStyle}
	return reply{status, twitterType, nil, w.document(func() { w.string("error", message) })}
}

// answer is the body for a question: one line of JSON, its keys in the order of Twitter's answers.
func answer(q question) []byte {
	t := timelineOf(q, day2012)
	// A page beyond the last is empty: both ends lie at the end.
	first := min((q.page-1)*q.perPage, t.len())
	last := min(first+q.perPage, t.len())
	newest := uint64(0) // as Twitter said it where nothing was found
	if t.len() > 0 {
		newest = t.at(0).id
	}

	// A tweet takes some 700 bytes: room for all of them saves growing step by step.
	w := writer{style: twitterStyle, dst: make([]byte, 0, 512+700*(last-first))}
	return w.document(func() {
		w.raw("completed_in", t.completedIn())
		w.id("max_id", newest)
		if last < t.len() {
			w.string("next_page", fmt.Sprintf("?page=%d&max_id=%d&%s&rpp=%d", q.page+1, newest, q.echo(), q.perPage))
		}
		w.int("page", q.page)
		w.string("query", url.QueryEscape(q.words))
		w.string("refresh_url", fmt.Sprintf("?since_id=%d&%s", newest, q.echo()))
		w.list("results", last-first, func(i int) { w.result(t.at(first + i)) })
		w.int("results_per_page", q.perPage)
		w.id("since_id", 0)
	})
}

// echo is the question as the addresses of further pages repeat it.
func (q question) echo() string {
	echo := "q=" + url.QueryEscape(q.words)
	if q.near {
		echo += "&geocode=" + q.geocode()
	}
	return echo
}

// pictures is where profile images would be; .invalid is reserved for names that never exist (RFC 2606).
const pictures = "://images.proxyherd.invalid/profile_images/"

// source is what each tweet says it was written with, before escaping.
const source = `<a href="http://proxyherd.invalid/">proxyherd stand-in</a>`

// image is the address of the author's image after http or https.
func (a author) image() string {
	return fmt.Sprintf("%s%d/%s_normal.jpg", pictures, a.picture, a.user)
}

// result writes the members of one element of results. The order is Twitter's: alphabetical but for location, which
// stands where searches by geocode got it, and for what a reply has, which was added at the end.
func (w *writer) result(t tweet) {
	w.string("created_at", t.created.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	w.string("from_user", t.from.user)
	w.id("from_user_id", t.from.id)
	w.string("from_user_name", t.from.name)
	if t.located {
		w.raw("geo", `{"coordinates":[`+shortest(t.place.Lat)+","+shortest(t.place.Lon)+`],"type":"Point"}`)
	} else {
		w.null("geo")
	}
	w.string("location", t.location())
	w.id("id", t.id)
	w.string("iso_language_code", t.language)
	if t.retweets > 0 {
		w.raw("metadata", fmt.Sprintf(`{"recent_retweets":%d,"result_type":"popular"}`, t.retweets))
	} else {
		w.raw("metadata", `{"result_type":"recent"}`)
	}
	w.string("profile_image_url", "http"+t.from.image())
	w.string("profile_image_url_https", "https"+t.from.image())
	w.string("source", escapeSource.Replace(source))
	w.string("text", escapeText.Replace(t.text))
	if t.to == nil {
		w.null("to_user")
		w.id("to_user_id", 0)
		w.null("to_user_name")
	} else {
		w.string("to_user", t.to.user)
		w.id("to_user_id", t.to.id)
		w.string("to_user_name", t.to.name)
	}
	if t.repliesTo != 0 {
		w.id("in_reply_to_status_id", t.repliesTo)
	}
}
