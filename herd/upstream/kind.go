package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Query is one WHATSAT as an upstream sees it. The texts are the client's own, checked by the herd's grammar: an
// upstream gets the digits that the client sent, not what a float64 makes of them. Equal queries are equal values.
type Query struct {
	Latitude  string // decimal degrees with their sign: "+34.068930"
	Longitude string // decimal degrees with their sign: "-118.445127"
	Radius    string // kilometres, digits with an optional fraction and no sign: "100"
	Limit     int    // the most items the list in the answer may hold, from 0

	// Words are what to search for; "" is whatever is near the place, as a WHATSAT asks. With words, the kinds of
	// Twitter may be asked without a place: Latitude, Longitude and Radius are "" then.
	Words string
}

// hasPlace tells whether a query names a place.
func (q Query) hasPlace() bool { return q.Latitude != "" }

// ErrCannotAsk says that a kind of upstream has no way to ask for what a query wants: words, or no place.
var ErrCannotAsk = errors.New("this kind of upstream cannot be asked that")

// Bounds is what a kind of upstream can be asked for. The herd refuses a query outside of them before it gets here.
type Bounds struct {
	MaxRadius string // kilometres as decimal text, that value included; "" for no maximum
	MaxLimit  int    // the most items of one answer
}

// Service is what is fixed about the web service behind a kind.
type Service struct {
	URL      string // its own address, for a configuration that names none
	NeedsKey bool   // it answers nobody without a key
	NoStore  bool   // its terms forbid keeping answers, so that they are never cached
}

// Kind is one sort of upstream: how it is asked and how its answers are made. It holds no connection and no key, and may
// be used from any goroutine.
type Kind interface {
	// Name is the word that chooses this kind in a configuration, and what messages call it.
	Name() string

	// Service is what is fixed about the service.
	Service() Service

	// Bounds is what may be asked.
	Bounds() Bounds

	// Request makes the HTTP request for a query. The address is the configured one: it is copied, not changed, and
	// parameters that it already has are kept. The error is ErrCannotAsk, or what net/http says.
	Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error)

	// Authorise puts a key into a request of this kind. It is not called where there is none.
	Authorise(request *http.Request, key string)

	// List is the path of keys, from the outermost object, to the array that Query.Limit bounds.
	List() []string

	// ErrorText reads from an answer what the upstream says went wrong, and "" where it says nothing of that sort. The
	// answer is valid JSON.
	ErrorText(answer []byte) string

	// ErrorLine puts a message into this upstream's own error form: one line of JSON without a newline, whatever
	// bytes the message holds. It is written where the upstream itself has given no JSON.
	ErrorLine(message string) []byte
}

// Translator is a Kind whose answers are rewritten in the form of another one.
type Translator interface {
	// Translate rewrites an answer to q that is no error. The answer is valid, compact JSON with its list cut. The
	// error is ErrNotJSON, for an answer that is not of the form that the kind's service documents.
	Translate(answer []byte, q Query) ([]byte, error)
}

// limiter is a Kind whose service tells in a body with status 200 that it is asked too often.
type limiter interface {
	limited(answer []byte) bool
}

// kinds in the order in which messages name them.
var kinds = []Kind{Twitter{}, Twitter11{}, X{}, Places{}, PlacesNew{}, Wikipedia{}}

// What a configuration can get wrong about the kind.
var (
	// ErrUnknownKind says that it names a kind of upstream that does not exist.
	ErrUnknownKind = errors.New("no such kind of upstream")

	// ErrUnknownFormat says that it names a format that the kind's answers cannot be given in.
	ErrUnknownFormat = errors.New("the upstream's answers cannot be given in this format")
)

// Names are the names of all kinds, in the order in which messages list them.
func Names() []string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kind.Name()
	}
	return names
}

// Named finds a kind by its name. The error is ErrUnknownKind and lists the names there are.
func Named(name string) (Kind, error) {
	for _, kind := range kinds {
		if kind.Name() == name {
			return kind, nil
		}
	}
	return nil, fmt.Errorf("upstream kind %q: %w; choose one of: %s", name, ErrUnknownKind, strings.Join(Names(), ", "))
}

// Format2012 is the format of Twitter's Search API v1 at the end of 2012.
const Format2012 = "2012"

// InFormat is a kind whose answers come in another format than the service's own: of X, Format2012. The format "" is the
// service's own. The error is ErrUnknownFormat.
func InFormat(kind Kind, format string) (Kind, error) {
	switch x, isX := kind.(X); {
	case format == "":
		return kind, nil
	case format == Format2012 && isX:
		return X2012{x}, nil
	}
	return nil, fmt.Errorf("upstream kind %s, format %q: %w; leave it empty, or take %q for the kind %s",
		kind.Name(), format, ErrUnknownFormat, Format2012, X{}.Name())
}
