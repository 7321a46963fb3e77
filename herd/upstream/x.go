package upstream

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// X is recent search of the X API v2, GET /2/tweets/search/recent, with a bearer token as its key. Its answers are
// passed on as they are; X2012 rewrites them.
type X struct{}

// xLeast is the least max_results that X takes.
const xLeast = 10

// xFields are asked for unless the address names others: without them an answer holds id and text only.
var xFields = []struct{ parameter, value string }{
	{"tweet.fields", "author_id,created_at,geo,in_reply_to_user_id,lang"},
	{"expansions", "author_id,geo.place_id,in_reply_to_user_id"},
	{"user.fields", "name,profile_image_url,username"},
	{"place.fields", "full_name"},
}

// Name is "x".
func (X) Name() string { return "x" }

// Service is X's own address, which needs a key.
func (X) Service() Service {
	return Service{URL: "https://api.x.com/2/tweets/search/recent", NeedsKey: true}
}

// Bounds are a radius under 40 km, to the metre, and the 100 posts of one page.
func (X) Bounds() Bounds { return Bounds{MaxRadius: "39.999", MaxLimit: 100} }

// Request asks for query=WORDS point_radius:[LON LAT RADIUSkm], longitude first, and max_results=LIMIT, at least 10.
// What the address already has as its query stays before it: X's lower tiers take a point_radius only beside words.
func (k X) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	parameters := address.Query()
	terms := strings.Fields(parameters.Get("query") + " " + q.Words)
	if q.hasPlace() {
		terms = append(terms, "point_radius:["+unsignedPlus(q.Longitude)+" "+unsignedPlus(q.Latitude)+" "+twitterRadius(q)+"km]")
	}
	parameters.Set("query", strings.Join(terms, " "))
	parameters.Set("max_results", strconv.Itoa(max(atLeastOne(k, q.Limit), xLeast)))
	for _, field := range xFields {
		if !parameters.Has(field.parameter) {
			parameters.Set(field.parameter, field.value)
		}
	}
	return get(ctx, address, parameters)
}

// Authorise sends the bearer token.
func (X) Authorise(request *http.Request, key string) { bearer(request, key) }

// List is data, which is absent from an answer that found nothing.
func (X) List() []string { return []string{"data"} }

// ErrorText is a problem's detail or title, or the first of errors. Where there is data or meta, errors are about parts
// of the answer, which is one all the same.
func (X) ErrorText(answer []byte) string {
	if hasKey(answer, "data") || hasKey(answer, "meta") {
		return ""
	}
	return firstOf(textAt(answer, "detail"), textAt(answer, "title"),
		textAt(answer, "errors", 0, "detail"), textAt(answer, "errors", 0, "message"), textAt(answer, "errors", 0, "title"))
}

// ErrorLine is a problem: {"title":"Service Unavailable","detail":"message","type":"about:blank","status":503}.
func (X) ErrorLine(message string) []byte {
	return oneLine(`{"title":"Service Unavailable","detail":`, message, `,"type":"about:blank","status":503}`)
}
