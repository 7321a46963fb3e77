package noting

import "fmt"

// Boom is what the statement "raise" panics with.
type Boom struct{}

func (Boom) Error() string { return "Boom" }

// Name is the event's name of what was recovered: "Boom" of a Boom. What is not
// foreseen is told in full, and so differs from whatever Twisted has there.
func Name(recovered any) string {
	if _, ok := recovered.(Boom); ok {
		return "Boom"
	}
	return fmt.Sprintf("unforeseen %T: %v", recovered, recovered)
}
