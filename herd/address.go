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

// addressKeys are the keys of a server's addresses, in the order of the config.
var addressKeys = [...]string{"clients", "peers", "http"}

// checkAddresses checks the form of every address, and that no two are the same.
// Addresses are compared as texts: that "localhost" and "127.0.0.1" are the same
// machine only the network knows, and then the second server's listen fails.
func checkAddresses(servers []Server) (errs []error) {
	taken := make(map[string]string)
	for i, s := range servers {
		for k, text := range s.addresses() {
			required := k == clientsKey || k == peersKey && len(s.TalksTo) > 0
			if text == "" && !required {
				continue
			}
			path := fmt.Sprintf("servers[%d].%s", i, addressKeys[k])
			host, port, ok := SplitAddress(text)
			switch by, used := taken[text]; {
			case !ok:
				errs = append(errs, notAnAddress(path, text))
			case hasZone(host):
				errs = append(errs, zoned(path, text))
			case port == 0 && k == peersKey:
				errs = append(errs, fieldError(path, ErrBadAddress, "%q: neighbours dial it and must know its port; give one", text))
			case port == 0:
				// The system picks a free port: two of these do not collide.
			case used:
				errs = append(errs, fieldError(path, ErrAddressCollides, "%s is %s already; give %s another port", text, by, s.Name))
			default:
				taken[text] = path
			}
		}
		errs = append(errs, checkListen(s, i)...)
	}
	return errs
}

// addressWarnings finds neighbours that nobody finds from another machine.
func addressWarnings(servers []Server) (warnings []string) {
	for i, s := range servers {
		host, _, _ := SplitAddress(s.Peers)
		if len(s.TalksTo) > 0 && (host == "" || host == "0.0.0.0" || host == "::") {
			warnings = append(warnings, fmt.Sprintf("servers[%d].peers: neighbours dial %s, which is their own machine wherever they are; "+
				"name %s's host there, and write %[2]s in servers[%[1]d].listen.peers", i, s.Peers, s.Name))
		}
	}
	return warnings
}

func notAnAddress(path, text string) error {
	return fieldError(path, ErrBadAddress, "%q; write host:port, such as 127.0.0.1:12000 or [::1]:12000", text)
}

// zoned refuses a link-local address: its zone is the name of an interface of one
// machine, and the config is read on all of them.
func zoned(path, text string) error {
	return fieldError(path, ErrBadAddress, "%q names an interface of one machine; give an address without a zone, or a host's name", text)
}

func hasZone(host string) bool { return strings.Contains(host, "%") }

// SplitAddress returns the host and the port of "host:port" or "[host]:port", the
// host without brackets, and whether the text has that form. A host with colons is
// an IPv6 literal; an empty one is every address. A port with leading zeros is
// refused, so that one address has one text.
func SplitAddress(address string) (host string, port int, ok bool) {
	colon := strings.LastIndexByte(address, ':')
	if colon < 0 || hasSpaceOrControl(address) {
		return "", 0, false
	}
	// Colons in a host need brackets: without them nobody could say where the
	// port begins.
	host, text := address[:colon], address[colon+1:]
	if inner, found := strings.CutPrefix(host, "["); found {
		inner, found = strings.CutSuffix(inner, "]")
		if !found || inner == "" || strings.ContainsAny(inner, "[]") {
			return "", 0, false
		}
		host = inner
	} else if strings.ContainsAny(host, ":[]") {
		return "", 0, false
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return "", 0, false
	}
	return host, int(n), true
}
