// -- faults --

import java.util.function.Consumer;

/** What answers WHATSATs. */
interface Asking {
    /** Ask, and call then in the loop with one line of JSON, whatever happens. */
    void ask(Node.Query query, Consumer<String> then);
}
