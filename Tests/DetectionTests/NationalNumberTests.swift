import Testing

@testable import Detection

#if canImport(Glibc)
import Glibc
#endif

struct `Identity numbers of countries` {
    struct Vector: Sendable, CustomTestStringConvertible {
        let type: EntityType
        let number: String
        let isValid: Bool
        var testDescription: String { "\(type.rawValue) \(number)" }
    }

    /// numbers.txt: what python-stdnum says (make-numbers.py).
    static let vectors: [Vector] = {
        let path = String(#filePath.dropLast("NationalNumberTests.swift".count)) + "numbers.txt"
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 3, let type = EntityType(rawValue: String(parts[0])) else { return nil }
            return Vector(type: type, number: String(parts[1]), isValid: parts[2] == "1")
        }
    }()

    /// A word that names the number, so that the form alone need not do.
    private static func word(_ type: EntityType) -> String {
        NationalNumber.all.first { $0.type == type }?.words.min() ?? NationalToken.all.first { $0.type == type }?.words
            .min()
            ?? ""
    }

    @Test func `are held to the check digits that another library knows`() {
        #expect(Self.vectors.count == 396)
        for vector in Self.vectors {
            let found = Scanner().entities(in: Array("\(Self.word(vector.type)): \(vector.number).".utf8))
            let isFound = found.contains { $0.type == vector.type && $0.count == vector.number.utf8.count }
            #expect(isFound == vector.isValid, "\(vector.testDescription) \(found)")
        }
    }

    @Test(arguments: [
        ("NINO AB123456C", EntityType.gbNINO), ("PAN ABCPE1234F", .inPAN), ("NRIC S1234567D", .sgNRIC),
        ("id A123456789", .twID), ("CURP GODE561231HGRMRN09", .mxCURP), ("medicare 2123 45670 1", .auMedicare),
        ("cnp 1800101221144", .roCNP), ("nif 123456789", .ptNIF),
    ])
    func `are found by their published examples`(text: String, type: EntityType) {
        #expect(Scanner().entities(in: Array(text.utf8)).map(\.type) == [type])
    }
}
