import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One end of a link that is opening: HELLO and PROVE, the dialler first. We offer no
 * capabilities ("-"): AT lines, and a full dump when a link opens, are all that a server
 * must speak.
 */
final class Handshake {
    // -- handshake --

    static final String DIALLER = "dialler";
    static final String ACCEPTOR = "acceptor";

    /** The link is not to be. send is what the other end gets to know, if anything. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final String send;

        Refused(String reason, String send) {
            super(reason);
            this.send = send;
        }
    }

    /** Who we are, the same on all links. */
    record Identity(String herd, String name, List<String> neighbours, String future, List<byte[]> keys, String boot) {
        static Identity of(Config c) {
            return new Identity(c.herd, c.name, List.copyOf(c.neighbours.keySet()),
                    Long.toString(c.future.toSeconds()), c.keys, random(8));
        }
    }

    /** What to say, and whether the link is open now. */
    record Step(String send, boolean done) {}

    private static final SecureRandom RANDOM = new SecureRandom();

    final String role;
    private final Identity identity;
    private final String nonce = random(32);
    private final Map<String, String> hellos = new HashMap<>(); // by role: as they were sent, for the proofs
    private String to;
    private String peer; // the other end's name and boot; to be believed once done
    private String boot;

    Handshake(Identity identity, String role, String to) {
        this.identity = identity;
        this.role = role;
        this.to = to;
    }

    private static String random(int bytes) {
        byte[] some = new byte[bytes];
        RANDOM.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }

    String peer() {
        return peer;
    }

    String boot() {
        return boot;
    }

    /** What the dialler says first. */
    String start() {
        return role.equals(DIALLER) ? sayHello() : "";
    }

    Step receive(String line) throws Refused {
        if (line.length() > Wire.MAX_HANDSHAKE_LINE) {
            throw new Refused("line_too_long", "");
        }
        if (line.startsWith("REFUSED ")) {
            throw new Refused("refused: " + line.substring("REFUSED ".length()), "");
        }
        return peer == null ? hello(line) : prove(line);
    }

    private String sayHello() {
        Identity i = identity;
        String hello = String.join(" ", "HELLO", "1", i.herd, i.name, to, role, i.future, "-", i.boot, nonce);
        hellos.put(role, hello);
        return hello + "\n";
    }

    private Step hello(String line) throws Refused {
        List<String> f = Wire.fields(line);
        if (f.isEmpty() || !f.get(0).equals("HELLO")) {
            throw new Refused("not_hello", ""); // to whom this is Greek, nothing is said
        }
        String reason = objection(f);
        if (reason != null) {
            throw new Refused(reason, "REFUSED " + reason + "\n");
        }
        peer = f.get(3);
        boot = f.get(8);
        hellos.put(f.get(5), line);
        if (role.equals(DIALLER)) {
            return new Step(proof(role, identity.keys.get(0)), false);
        }
        to = peer;
        return new Step(sayHello(), false);
    }

    private String objection(List<String> f) {
        if (f.size() < 2 || !f.get(1).equals("1")) {
            return "wrong_version";
        }
        if (f.size() != 10 || !f.get(8).matches("[0-9a-f]{16}") || !f.get(9).matches("[0-9a-f]{64}")) {
            return "bad_hello";
        }
        if (!f.get(2).equals(identity.herd)) {
            return "wrong_herd";
        }
        if (!f.get(5).equals(role.equals(DIALLER) ? ACCEPTOR : DIALLER)) {
            return "wrong_role";
        }
        if (!f.get(4).equals(identity.name)) {
            return "wrong_recipient";
        }
        if (role.equals(DIALLER) && !f.get(3).equals(to)) {
            return "wrong_peer";
        }
        if (!identity.neighbours.contains(f.get(3))) {
            return "unknown_peer";
        }
        if (!f.get(6).equals(identity.future)) {
            return "wrong_future";
        }
        if (f.get(9).equals(nonce)) {
            return "own_nonce";
        }
        return Arrays.asList(f.get(7).split(",")).contains("mac") ? "wrong_link_mac" : null;
    }

    private Step prove(String line) throws Refused {
        List<String> f = Wire.fields(line);
        if (f.size() != 2 || !f.get(0).equals("PROVE")) {
            throw new Refused("not_prove", "");
        }
        String theirs = role.equals(DIALLER) ? ACCEPTOR : DIALLER;
        for (byte[] key : identity.keys) { // two, while the secret is being replaced
            // isEqual takes the same time wherever the two differ.
            if (MessageDigest.isEqual(bytes(f.get(1)), bytes(mac(theirs, key)))) {
                // Answered with the key that the dialler has.
                return new Step(role.equals(DIALLER) ? "" : proof(role, key), true);
            }
        }
        throw new Refused("bad_proof", "REFUSED bad_proof\n");
    }

    private String proof(String by, byte[] key) {
        return "PROVE " + mac(by, key) + "\n";
    }

    private String mac(String by, byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(bytes(by + "\n" + hellos.get(DIALLER) + "\n" + hellos.get(ACCEPTOR))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
