package standin

import "net/http"

// api is one service that the stand-in takes the place of.
type api struct {
	path   string // as in the service's own address
	method string // GET stands for HEAD too

	// answer answers a question, or says in the service's own form why it does not; body is the request's.
	answer func(r *http.Request, body []byte) reply

	// refuse is the service's form of an error that has nothing to do with the question: 405, 413, 429, or 500 to 599. The
	// reply's own status may be another, where a service has one of its own or tells errors in a body of status 200.
	refuse func(status int) reply
}

// apis are the services, the oldest first.
var apis = []api{twitter, twitter11, x, places, placesNew, wikipedia}

// reply is what goes back to the asker.
type reply struct {
	status      int
	contentType string
	header      http.Header // what else is in the head, with canonical names; nil for nothing
	body        []byte
}

// retryAfter is in how many seconds to come back after a rate limit, as text and as a number.
const (
	retryAfter        = "20"
	retryAfterSeconds = 20
)

// takes tells whether the service is asked with a method.
func (a api) takes(method string) bool {
	return method == a.method || a.method == http.MethodGet && method == http.MethodHead
}

// methods lists what takes takes, for the header Allow.
func (a api) methods() string {
	if a.method == http.MethodGet {
		return "GET, HEAD"
	}
	return a.method
}
