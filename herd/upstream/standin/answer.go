package standin

import (
	"fmt"
	"net/url"
	"strconv"
)

// answer is the body for a question: one line of JSON, its keys in the order of Twitter's answers.
func answer(q question) []byte {
	t := timelineOf(q)
	// A page beyond the last is empty: both ends lie at the end.
	first := min((q.page-1)*q.perPage, t.len())
	last := min(first+q.perPage, t.len())
	newest := uint64(0) // as Twitter said it where nothing was found
	if t.len() > 0 {
		newest = t.at(0).id
	}

	// A tweet takes some 700 bytes: room for all of them saves growing step by step.
	o := object{dst: make([]byte, 0, 512+700*(last-first))}
	o.begin()
	o.raw("completed_in", shortest(float64(8+t.seed.below(120))/1000))
	o.id("max_id", newest)
	if last < t.len() {
		o.string("next_page", fmt.Sprintf("?page=%d&max_id=%d&%s&rpp=%d", q.page+1, newest, q.echo(), q.perPage))
	}
	o.raw("page", strconv.Itoa(q.page))
	o.string("query", url.QueryEscape(q.words))
	o.string("refresh_url", fmt.Sprintf("?since_id=%d&%s", newest, q.echo()))
	o.key("results")
	o.dst = append(o.dst, '[')
	for i := first; i < last; i++ {
		if i > first {
			o.dst = append(o.dst, ',')
		}
		w := t.at(i)
		o.result(&w)
	}
	o.dst = append(o.dst, ']')
	o.raw("results_per_page", strconv.Itoa(q.perPage))
	o.id("since_id", 0)
	o.end()
	return o.dst
}

// echo is the question as next_page and refresh_url repeat it.
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

// result writes one element of results. The order is Twitter's: alphabetical but for location, which stands where searches
// by geocode got it, and for what a reply has, which was added at the end.
func (o *object) result(w *tweet) {
	o.begin()
	o.string("created_at", w.created.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	o.string("from_user", w.from.user)
	o.id("from_user_id", w.from.id)
	o.string("from_user_name", w.from.name)
	if w.located {
		o.raw("geo", `{"coordinates":[`+shortest(w.place.Lat)+","+shortest(w.place.Lon)+`],"type":"Point"}`)
	} else {
		o.null("geo")
	}
	o.string("location", w.location())
	o.id("id", w.id)
	o.string("iso_language_code", w.language)
	if w.retweets > 0 {
		o.raw("metadata", `{"recent_retweets":`+strconv.Itoa(w.retweets)+`,"result_type":"popular"}`)
	} else {
		o.raw("metadata", `{"result_type":"recent"}`)
	}
	picture := fmt.Sprintf("%s%d/%s_normal.jpg", pictures, w.from.picture, w.from.user)
	o.string("profile_image_url", "http"+picture)
	o.string("profile_image_url_https", "https"+picture)
	o.string("source", escapeSource.Replace(source))
	o.string("text", escapeText.Replace(w.text))
	if w.to == nil {
		o.null("to_user")
		o.id("to_user_id", 0)
		o.null("to_user_name")
	} else {
		o.string("to_user", w.to.user)
		o.id("to_user_id", w.to.id)
		o.string("to_user_name", w.to.name)
	}
	if w.repliesTo != 0 {
		o.id("in_reply_to_status_id", w.repliesTo)
	}
	o.end()
}

// object writes members of JSON objects one after the other.
type object struct {
	dst   []byte
	again bool // whether a comma is due before the next member
}

func (o *object) begin() {
	o.dst = append(o.dst, '{')
	o.again = false
}

func (o *object) end() {
	o.dst = append(o.dst, '}')
	o.again = true
}

// key begins a member; the names of this package need no escaping.
func (o *object) key(name string) {
	if o.again {
		o.dst = append(o.dst, ',')
	}
	o.again = true
	o.dst = append(append(append(o.dst, '"'), name...), `":`...)
}

// raw writes a member whose value is written already: a number, or a small object of numbers and constants.
func (o *object) raw(name, value string) {
	o.key(name)
	o.dst = append(o.dst, value...)
}

func (o *object) null(name string) { o.raw(name, "null") }

func (o *object) string(name, value string) {
	o.key(name)
	o.dst = appendString(o.dst, value)
}

// id writes a number that many readers cannot hold, and its _str beside it for those.
func (o *object) id(name string, value uint64) {
	text := strconv.FormatUint(value, 10)
	o.raw(name, text)
	o.string(name+"_str", text)
}
