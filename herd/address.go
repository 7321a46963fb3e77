package herd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What can be wrong with an address. Each is found wrapped in a FieldError.
var (
	ErrBadAddress      = errors.New("not an address")
	ErrAddressCollides = errors.New("the address is taken")
)

// checkAddresses checks the form of every address, and that no two are the same.
// Addresses are compared as texts: that "localhost" and "127.0.0.1" are the same
// machine only the network knows, and then the second server's listen fails.
func checkAddresses(servers []Server) (errs []error) {
	taken := make(map[string]string)
	for i, s := range servers {
		for _, a := range []struct {
			key, text string
			required  bool
			dialled   bool // by servers that learn it from the config
		}{
			{"clients", s.Clients, true, false},
			{"peers", s.Peers, len(s.TalksTo) > 0, true},
			{"http", s.HTTP, false, false},
		} {
			if a.text == "" && !a.required {
				continue
			}
			path := fmt.Sprintf("servers[%d].%s", i, a.key)
			port, ok := port(a.text)
			switch by, used := taken[a.text]; {
			case !ok:
				errs = append(errs, fieldError(path, ErrBadAddress, "%q; write host:port, such as 127.0.0.1:12000 or [::1]:12000", a.text))
			case port == 0 && a.dialled:
				errs = append(errs, fieldError(path, ErrBadAddress, "%q: neighbours dial it and must know its port; give one", a.text))
			case port == 0:
				// The system picks a free port: two of these do not collide.
			case used:
				errs = append(errs, fieldError(path, ErrAddressCollides, "%s is %s already; give %s another port", a.text, by, s.Name))
			default:
				taken[a.text] = path
			}
		}
	}
	return errs
}

// port returns the port of "host:port" or "[host]:port", and whether the text
// has that form. A port with leading zeros is refused, so that one address has
// one text.
func port(address string) (int, bool) {
	colon := strings.LastIndexByte(address, ':')
	if colon < 0 || hasSpaceOrControl(address) {
		return 0, false
	}
	// Colons in a host need brackets: without them nobody could say where the
	// port begins.
	host, text := address[:colon], address[colon+1:]
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok || inner == "" || strings.ContainsAny(inner, "[]") {
			return 0, false
		}
	} else if strings.ContainsAny(host, ":[]") {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, false
	}
	return int(n), true
}
