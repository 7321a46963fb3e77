package monitor

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// MinToken is the least number of bytes in a token.
const MinToken = 16

// ErrToken is a text that is no token.
var ErrToken = errors.New("a token has at least 16 visible ASCII characters and no others, not even spaces")

// Token is what a request must bring, as "Authorization: Bearer TOKEN". The zero
// value asks for nothing. It shows nothing of itself when it is printed.
type Token struct {
	// sum is compared in its place: of equal length whatever is brought.
	sum *[sha256.Size]byte
}

// NewToken takes a token's text. The error is ErrToken, and does not hold it.
func NewToken(text string) (Token, error) {
	if len(text) < MinToken {
		return Token{}, fmt.Errorf("%w: it has %d; 32 random bytes in hex make a good one", ErrToken, len(text))
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return Token{}, ErrToken
		}
	}
	sum := sha256.Sum256([]byte(text))
	return Token{&sum}, nil
}

// IsZero reports whether nothing is asked for.
func (t Token) IsZero() bool { return t.sum == nil }

// String keeps a token out of logs.
func (t Token) String() string {
	if t.IsZero() {
		return "no token"
	}
	return "[token]"
}

// guard lets those pass who know the token. How long that takes does not depend
// on how much of it was right.
func (t Token) guard(next http.Handler) http.Handler {
	if t.IsZero() {
		return onlyByAddress(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, brought, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		sum := sha256.Sum256([]byte(brought))
		if subtle.ConstantTimeCompare(sum[:], t.sum[:]) != 1 || !strings.EqualFold(scheme, "Bearer") {
			w.Header().Set("WWW-Authenticate", "Bearer")
			say(w, http.StatusUnauthorized, "this port asks for a token: Authorization: Bearer TOKEN")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// onlyByAddress refuses requests by a name other than localhost: a web page in a
// browser on this machine can have a name of its own lead here, and would then be
// let read what it gets.
func onlyByAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]") // without a port
		}
		if _, err := netip.ParseAddr(host); err != nil && !strings.EqualFold(host, "localhost") {
			say(w, http.StatusForbidden, "without a token this port is asked by its address, or as localhost")
			return
		}
		next.ServeHTTP(w, r)
	})
}
