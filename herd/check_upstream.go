package herd

import (
	"slices"
	"strings"
	"time"
)

// noStore are the kinds of upstream whose terms forbid keeping their answers.
var noStore = []string{"places", "places-new"}

// formatted is the kind whose answers UpstreamFormats are for.
const formatted = "x"

func (u *Upstream) check() []error {
	const least, most = Duration(time.Millisecond), Duration(10 * time.Minute)
	return []error{
		checkOneOf("upstream.kind", u.Kind, UpstreamKinds),
		u.checkURL(),
		checkVariable("upstream.key_env", u.KeyEnv),
		u.checkKeyFile(),
		u.checkFormat(),
		checkDuration("upstream.timeout", u.Timeout, least, most),
		checkUnlessZero("upstream.attempt_timeout", u.AttemptTimeout, least, most),
		checkDuration("upstream.connect_timeout", u.ConnectTimeout, least, most),
		u.checkCache(),
		checkRange("upstream.workers", int64(u.Workers), 1, 4096),
	}
}

// checkURL asks only for what is certainly needed. The rest is for whoever
// opens the address: this package does not.
func (u *Upstream) checkURL() error {
	const path = "upstream.url"
	if u.URL == "" {
		return nil
	}
	host, ok := strings.CutPrefix(u.URL, "http://")
	if !ok {
		host, ok = strings.CutPrefix(u.URL, "https://")
	}
	if !ok || host == "" || strings.HasPrefix(host, "/") || hasSpaceOrControl(u.URL) {
		return fieldError(path, ErrBadURL, "%q; write for example %s, or nothing for the service's own address", u.URL, standInURL)
	}
	// A file that herd init wrote has this address, and its kind is soon changed.
	if u.URL == standInURL && u.Kind != Default().Upstream.Kind && slices.Contains(UpstreamKinds, u.Kind) {
		return fieldError(path, ErrNotTogether,
			"%s is Twitter's search at the stand-in, and upstream.kind is %q; write \"\" for the service's own address", u.URL, u.Kind)
	}
	return nil
}

func (u *Upstream) checkKeyFile() error {
	if u.KeyFile != "" && u.KeyEnv != "" {
		return fieldError("upstream.key_file", ErrNotTogether, "there is one key, and upstream.key_env names it too; remove one of them")
	}
	return nil
}

func (u *Upstream) checkFormat() error {
	const path = "upstream.format"
	if u.Format == "" {
		return nil
	}
	if err := checkOneOf(path, u.Format, UpstreamFormats); err != nil {
		return err
	}
	if u.Kind != formatted {
		return fieldError(path, ErrNotTogether, "answers of the kind %q are always in its own format; leave this empty", u.Kind)
	}
	return nil
}

func (u *Upstream) checkCache() error {
	const path = "upstream.cache"
	if u.Cache != 0 && slices.Contains(noStore, u.Kind) {
		return fieldError(path, ErrNotTogether, "the terms of the kind %q forbid storing its answers; write \"0s\"", u.Kind)
	}
	return checkUnlessZero(path, u.Cache, Duration(time.Second), Duration(24*time.Hour))
}

func checkUnlessZero(path string, value, low, high Duration) error {
	if value != 0 && (value < low || value > high) {
		return fieldError(path, ErrOutOfRange, "%v is neither 0s nor from %v to %v", value, low, high)
	}
	return nil
}

// checkVariable takes the names that every shell can set. What is no such name
// is not repeated: it may be the key itself, put in the wrong place.
func checkVariable(path, name string) error {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', i > 0 && isDigit(c):
		default:
			return fieldError(path, ErrBadVariable,
				"a name has letters, digits and _, and no digit first; write for example HERD_UPSTREAM_KEY, and the key into that variable")
		}
	}
	return nil
}
