package configfile

import (
	"reflect"

	"proxyherd/herd"
)

// Differing returns the paths of the settings in which a and b differ, in the
// order of the file. The list of servers counts as one.
func Differing(a, b herd.Config) (list []string) {
	var walk func(path string, a, b reflect.Value)
	walk = func(path string, a, b reflect.Value) {
		if a.Kind() != reflect.Struct {
			if !reflect.DeepEqual(a.Interface(), b.Interface()) {
				list = append(list, path)
			}
			return
		}
		for i, key := range keys(a.Type()) {
			walk(join(path, key), a.Field(i), b.Field(i))
		}
	}
	walk("", reflect.ValueOf(a), reflect.ValueOf(b))
	return list
}
