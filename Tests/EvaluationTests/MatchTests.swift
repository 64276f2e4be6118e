import Detection
import Testing

@testable import Evaluation

@Suite("Spans held against labels")
struct MatchTests {
    private func match(
        _ labels: [(String, Int, Int)], _ found: [(EntityType, Int, Int)]
    ) -> SpanMatch {
        SpanMatch(
            labels.map {
                SpanMatch.Label(
                    span: LabelledText.Span(label: $0.0, start: $0.1, end: $0.2), meaning: TypeNames.meaning(of: $0.0))
            }, found.map { SpanMatch.Found(type: $0.0, start: $0.1, end: $0.2) })
    }

    @Test func `Half of what either covers is enough, a character less is not`() {
        let half = match([("PERSON", 0, 10)], [(.person, 0, 5)])
        #expect(half.answers == [0] && half.exact == [nil])
        let less = match([("PERSON", 0, 10)], [(.person, 1, 5)])
        #expect(less.answers == [nil])
        let wide = match([("PERSON", 0, 10)], [(.person, 0, 21)])
        #expect(wide.answers == [nil])
    }

    @Test func `Of two halves one answers; of a label and its neighbour the nearer one is answered`() {
        let halves = match([("PERSON", 0, 10)], [(.person, 0, 5), (.person, 5, 10)])
        #expect(halves.answers == [0])
        let nearer = match([("PERSON", 0, 10), ("PERSON", 2, 10)], [(.person, 2, 10)])
        #expect(nearer.answers == [nil, 0] && nearer.exact == [nil, 0])
    }

    @Test func `Another type answers nothing, a narrower one does`() {
        let other = match([("US_SSN", 0, 9)], [(.phone, 0, 9)])
        #expect(other.answers == [nil] && other.nearest(toLabel: 0) == 0)
        let birth = match([("TIMESTAMP", 0, 10)], [(.dateOfBirth, 0, 10)])
        #expect(birth.answers == [0])
        let date = match([("DATE_OF_BIRTH", 0, 10)], [(.dateTime, 0, 10)])
        #expect(date.answers == [nil])
        let national = match([("NATIONAL_ID_NUMBER", 0, 10)], [(.sePersonnummer, 0, 10)])
        #expect(national.answers == [0])
    }

    @Test func `A token belongs to what covers its first character`() {
        let text = Array("Mr. Müller-Łukasz, 12".utf8)
        let match = match([("PERSON", 4, 10)], [(.person, 0, 17)])
        let tokens = match.tokens(of: text)
        #expect(tokens.map(\.label) == [nil, 0, nil, nil])
        #expect(tokens.map(\.found) == [0, 0, 0, nil])
        #expect(tokens.map(\.isAnswered) == [false, true, false, false])
    }

    @Test func `Finds of a type that is labelled under a wider name count there`() {
        var tally = SpanTally()
        let match = match(
            [("NATIONAL_ID", 0, 9), ("US_SSN", 20, 30)], [(.plPESEL, 12, 18), (.usSSN, 40, 50), (.email, 60, 70)])
        tally.add(match, tokens: [])
        #expect(tally.types["NATIONAL_ID"]?.spans == Figures(labelled: 1, found: 1, matched: 0))
        #expect(tally.types["US_SSN"]?.spans == Figures(labelled: 1, found: 1, matched: 0))
        #expect(tally.unlabelled == ["EMAIL_ADDRESS": 1])
    }

    @Test func `Names of data sets lead to one type each, whatever their case`() {
        for (label, name) in [
            ("PERSON_NAME", "PERSON"), ("social security number", "US_SSN"), ("iban", "IBAN_CODE"),
            ("tax-id", "TAX_ID"), ("Loc", "LOCATION"), ("SWIFT_BIC_CODE", "SWIFT_BIC"),
        ] {
            let meaning = TypeNames.meaning(of: label)
            #expect(meaning?.name == name)
        }
        let none = TypeNames.meaning(of: "SALARY")
        #expect(none == nil)
        // No name of the table stands for something else under its own name.
        for name in TypeNames.synonyms.keys { #expect(EntityType(rawValue: name) == nil) }
    }
}
