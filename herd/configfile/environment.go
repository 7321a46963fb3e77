package configfile

import (
	"fmt"
	"slices"
	"strings"
)

// Prefix begins the names of the environment variables that are settings.
const Prefix = "HERD_"

// listed stands in a general path for a place in a list, and place in the name of
// its variable, where a real one has a number.
const (
	listed = "[]"
	place  = "N"
)

// Variable is the environment variable of a setting: HERD_ and its path in
// capitals, with "_" for what is between its parts. So limits.connections is
// HERD_LIMITS_CONNECTIONS, and servers[0].clients is HERD_SERVERS_0_CLIENTS.
func Variable(key string) string {
	key = strings.ReplaceAll(key, listed, "["+place+"]")
	return Prefix + strings.ToUpper(strings.NewReplacer(".", "_", "[", "_", "]", "").Replace(key))
}

// Keys are the paths of all settings that Describe tells of, and that of the list
// of servers as a whole; "[]" stands for a place in a list.
func Keys() []string {
	list := []string{"servers"}
	for _, s := range settings() {
		list = append(list, s.path)
	}
	return list
}

// Environment finds settings among environment variables, "NAME=value" each, as
// os.Environ returns them. They are sorted by name, so that HERD_SERVERS, the
// whole list, comes before what changes a member of it. Unknown are the names,
// sorted, that begin with Prefix and are of no setting: they may be of another
// program, and so are no error.
func Environment(environ []string) (settings []Override, unknown []string) {
	known := make(map[string]string)
	for _, key := range Keys() {
		known[Variable(key)] = key
	}
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, Prefix) {
			continue
		}
		general, number := withoutPlace(name)
		key, found := known[general]
		// One that looks like the name in the description is none: it has no number.
		if !found || strings.Contains(key, listed) && number == "" {
			unknown = append(unknown, name)
			continue
		}
		key = strings.Replace(key, listed, "["+number+"]", 1)
		settings = append(settings, Override{Key: key, Value: value, From: name})
	}
	return settings, unknown
}

// withoutPlace puts place for the number of a server in a variable's name.
func withoutPlace(name string) (general, number string) {
	const before = Prefix + "SERVERS_"
	rest, ofServer := strings.CutPrefix(name, before)
	number, field, inList := strings.Cut(rest, "_")
	if !ofServer || !inList || number == "" || strings.Trim(number, "0123456789") != "" {
		return name, ""
	}
	return before + place + "_" + field, number
}

// UnknownVariable says what was probably meant by a variable that names no
// setting.
func UnknownVariable(name string) string {
	var known []string
	general, number := withoutPlace(name)
	for _, key := range Keys() {
		known = append(known, strings.ToLower(Variable(key)))
	}
	text := fmt.Sprintf("the environment variable %s is no setting and is passed over", name)
	meant := strings.ToUpper(nearest(general, known))
	if meant == "" {
		return text
	}
	if number != "" {
		meant = strings.Replace(meant, "SERVERS_"+place, "SERVERS_"+number, 1)
	}
	return text + "; did you mean " + meant + "?"
}
