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
// upstream gets the digits that the client sent, not what a float64 makes of them.
type Query struct {
	Latitude  string // decimal degrees with their sign: "+34.068930"
	Longitude string // decimal degrees with their sign: "-118.445127"
	Radius    string // kilometres, digits with an optional fraction and no sign: "100"
	Limit     int    // the most items the list in the answer may hold, from 0
}

// Bounds is what a kind of upstream can be asked for. The herd refuses a query outside of them before it gets here.
type Bounds struct {
	MaxRadius string // kilometres as decimal text, "" for no maximum
	MaxLimit  int    // the most items of one answer
}

// Kind is one sort of upstream: how it is asked and how its answers are made. It holds no connection and may be used
// from any goroutine; a kind that needs a key carries it in its own fields.
type Kind interface {
	// Name is the word that chooses this kind in a configuration, and what messages call it.
	Name() string

	// Bounds is what may be asked.
	Bounds() Bounds

	// Request makes the HTTP request for a query. The address is the configured one: it is copied, not changed, and
	// parameters that it already has are kept.
	Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error)

	// List is the path of keys, from the outermost object, to the array that Query.Limit bounds.
	List() []string

	// ErrorText reads from an answer what the upstream says went wrong, and "" where it says nothing of that sort. The
	// answer is valid JSON.
	ErrorText(answer []byte) string

	// ErrorLine puts a message into this upstream's own error form: one line of JSON without a newline, whatever
	// bytes the message holds. It is written where the upstream itself has given no JSON.
	ErrorLine(message string) []byte
}

// kinds are those that need nothing but an address, in the order in which messages name them.
var kinds = []Kind{Twitter{}}

// ErrUnknownKind says that a configuration names a kind of upstream that does not exist.
var ErrUnknownKind = errors.New("no such kind of upstream")

// Named finds a kind by its name. The error is ErrUnknownKind and lists the names there are.
func Named(name string) (Kind, error) {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		if names[i] = kind.Name(); names[i] == name {
			return kind, nil
		}
	}
	return nil, fmt.Errorf("upstream kind %q: %w; choose one of: %s", name, ErrUnknownKind, strings.Join(names, ", "))
}
