package standin

import "strconv"

// style is how a service sets out its JSON.
type style struct {
	indent string // once per level before each member; "" puts all on one line
	colon  string // between a name and its value
	ascii  bool   // whether other characters become \uXXXX
	slash  bool   // whether a slash becomes \/
	inline bool   // whether a list of texts stays on one line where there is an indent
}

// The styles of the services. Readers of JSON see no difference; programs that do not read JSON but look into it do.
var (
	twitterStyle   = style{colon: ":", ascii: true, slash: true}
	xStyle         = style{colon: ":"}
	placesStyle    = style{indent: "   ", colon: " : ", inline: true}
	placesNewStyle = style{indent: "  ", colon: ": "}
	wikiStyle      = style{colon: ":", ascii: true}
)

// mask is a choice of fields by name, and of fields inside of these; a nil mask chooses all there is.
type mask map[string]mask

// writer writes one JSON object, member by member, in the order of the calls: the order of the services' own answers, which
// a map would lose. Values go out as they come, so that no tree is built for answers of a thousand members. Names need no
// escaping in any of the formats.
type writer struct {
	style
	dst   []byte
	depth int
	again bool // whether a comma is due before the next member
	mask  mask // of the object that is being written: what it does not choose is left out
}

// document writes the outermost object and returns the text. Members are written by a function, here and below, so that what
// is opened is closed, and so that a mask can leave out a whole object without its writer knowing.
func (w *writer) document(members func()) []byte {
	w.open('{')
	members()
	w.close('}')
	if w.indent != "" {
		w.dst = append(w.dst, '\n') // the services that indent end their last line too
	}
	return w.dst
}

// open begins an object or a list.
func (w *writer) open(bracket byte) {
	w.dst = append(w.dst, bracket)
	w.depth++
	w.again = false
}

// close ends what open began; the bracket is the other one.
func (w *writer) close(bracket byte) {
	w.depth--
	if w.again { // else it is empty, and stays {} or []
		w.line()
	}
	w.dst = append(w.dst, bracket)
	w.again = true
}

// next begins a member or an element.
func (w *writer) next() {
	if w.again {
		w.dst = append(w.dst, ',')
	}
	w.again = true
	w.line()
}

// line begins a line, in styles that have any.
func (w *writer) line() {
	if w.indent == "" {
		return
	}
	w.dst = append(w.dst, '\n')
	for range w.depth {
		w.dst = append(w.dst, w.indent...)
	}
}

// key begins a member; it is false if the mask leaves the member out.
func (w *writer) key(name string) bool {
	if _, chosen := w.mask[name]; w.mask != nil && !chosen {
		return false
	}
	w.next()
	w.dst = append(append(append(w.dst, '"'), name...), '"')
	w.dst = append(w.dst, w.colon...)
	return true
}

// raw writes a member whose value is JSON already: a number, true, null, or a small object of numbers and constants.
func (w *writer) raw(name, value string) {
	if w.key(name) {
		w.dst = append(w.dst, value...)
	}
}

// null writes a member that is there and has no value, as Twitter has many.
func (w *writer) null(name string) { w.raw(name, "null") }

func (w *writer) bool(name string, value bool) { w.raw(name, strconv.FormatBool(value)) }

func (w *writer) int(name string, value int) { w.raw(name, strconv.Itoa(value)) }

// float writes the shortest text that reads as the same number: coordinates come out with the digits they came with.
func (w *writer) float(name string, value float64) { w.raw(name, shortest(value)) }

func (w *writer) string(name, value string) {
	if w.key(name) {
		w.dst = w.appendString(w.dst, value)
	}
}

// id writes a number that many readers cannot hold, and its _str beside it for those.
func (w *writer) id(name string, value uint64) {
	text := strconv.FormatUint(value, 10)
	w.raw(name, text)
	w.string(name+"_str", text)
}

// object writes a member that is an object.
func (w *writer) object(name string, members func()) {
	if !w.key(name) {
		return
	}
	outer := w.mask
	w.mask = outer[name]
	w.open('{')
	members()
	w.close('}')
	w.mask = outer
}

// list writes a member that is a list of n objects. A mask chooses fields of the objects, not objects.
func (w *writer) list(name string, n int, members func(i int)) {
	if !w.key(name) {
		return
	}
	outer := w.mask
	w.mask = outer[name]
	w.open('[')
	for i := range n {
		w.next()
		w.open('{')
		members(i)
		w.close('}')
	}
	w.close(']')
	w.mask = outer
}

// strings writes a member that is a list of texts.
func (w *writer) strings(name string, values ...string) {
	if !w.key(name) {
		return
	}
	if w.inline && len(values) > 0 {
		w.dst = append(w.dst, "[ "...)
		for i, value := range values {
			if i > 0 {
				w.dst = append(w.dst, ", "...)
			}
			w.dst = w.appendString(w.dst, value)
		}
		w.dst = append(w.dst, " ]"...)
		return
	}
	w.open('[')
	for _, value := range values {
		w.next()
		w.dst = w.appendString(w.dst, value)
	}
	w.close(']')
}
