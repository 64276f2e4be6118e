// Tests of the vectors alone: no host, no plugin. Ends with a count, and with status 1 when one failed.
#if canImport(Glibc)
import Glibc
#endif

@main
struct NGramsTests {
    private var passed = 0
    private var failed = 0

    private mutating func expect(_ condition: Bool, _ what: String) {
        if condition {
            passed += 1
        } else {
            failed += 1
            print("FAILED  \(what)")
        }
    }

    private func near(_ a: String, _ b: String) -> Double {
        zip(NGrams.embed(a), NGrams.embed(b)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    private mutating func all() {
        expect(abs(near("first name", "first name") - 1) < 1e-6, "a vector has length 1")
        expect(abs(near("FIRST\tname", "first name") - 1) < 1e-6, "case and kind of white space do not count")
        expect(abs(near("Zoë", "Zoë") - 1) < 1e-6, "letters beyond ASCII count as their bytes")
        expect(near("first name", "firstname") > 0.5, "near spellings are near")
        expect(near("first name", "zip code") < 0.3, "far spellings are far")
        expect(near("", "first name") == 0 && near(" ", " ") == 0, "nothing has no direction")
        // The same everywhere: the templates of the other languages hold the same figures.
        let vector = NGrams.embed("given name")
        let places = vector.indices.filter { vector[$0] != 0 }
        let sum = places.reduce(0) { $0 + (vector[$1] > 0 ? $1 : -$1) }
        expect(places.count == 10 && sum == -288, "the vector of `given name`")
        expect(NGrams.tokens("") == 0 && NGrams.tokens("one  seven letters") == 5, "tokens")
    }

    static func main() {
        var tests = NGramsTests()
        tests.all()
        print("\(tests.passed) passed, \(tests.failed) failed")
        exit(tests.failed > 0 ? 1 : 0)
    }
}
