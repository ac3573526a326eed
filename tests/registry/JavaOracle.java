import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Says what java.util.regex.Pattern makes of patterns and addresses, for test_java_pattern_differential.py.
 *
 * A line in: a pattern and addresses, each UTF-8 in hexadecimal (an empty one as "-"), with a space between.
 * A line out: "E" and Java's message if the pattern is an error, else a character for each address: 1 it matches, 0 it
 * does not, T it takes more steps than a test should wait for (Java backtracks), S the stack is not deep enough, X Java fails.
 */
public class JavaOracle {
    private static final int MAX_STEPS = 300_000;

    private static final class OutOfSteps extends RuntimeException {
        OutOfSteps() {
            super(null, null, false, false);
        }
    }

    private record Counted(String text, int[] steps) implements CharSequence {
        public int length() {
            return text.length();
        }

        public char charAt(int index) {
            if (++steps[0] > MAX_STEPS) {
                throw new OutOfSteps();
            }
            return text.charAt(index);
        }

        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        public String toString() {
            return text;
        }
    }

    private static String decode(String hexadecimal) {
        byte[] octets = hexadecimal.equals("-") ? new byte[0] : HexFormat.of().parseHex(hexadecimal);
        return new String(octets, StandardCharsets.UTF_8);
    }

    private static String answer(String[] fields) {
        Pattern pattern;
        try {
            pattern = Pattern.compile(decode(fields[0]), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        } catch (PatternSyntaxException error) {
            return "E " + error.getDescription().replace('\n', ' ');
        } catch (RuntimeException error) {
            return "E " + error.getClass().getName();  // a few broken patterns run past the end of Java's buffer
        }
        StringBuilder answers = new StringBuilder();
        for (int i = 1; i < fields.length; i++) {
            try {
                answers.append(pattern.matcher(new Counted(decode(fields[i]), new int[1])).matches() ? '1' : '0');
            } catch (OutOfSteps error) {
                answers.append('T');
            } catch (StackOverflowError error) {
                answers.append('S');
            } catch (RuntimeException error) {
                answers.append('X');
            }
        }
        return answers.toString();
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(answer(line.split(" ")));
        }
        out.flush();
    }
}
