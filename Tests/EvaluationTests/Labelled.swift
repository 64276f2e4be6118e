import Detection
import Foundations
import Glibc
import Testing

@testable import Evaluation

/// A folder of labelled files, removed at its end.
final class Labelled {
    let folder = "/tmp/sluice-eval-\(Context.system.ulid())"

    init() throws { try Files.makeFolder(folder) }

    deinit { system(command: ["/bin/rm", "-rf", folder]) }

    private func system(command: [String]) {
        var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        argv.append(nil)
        defer { for pointer in argv { free(pointer) } }
        var child: pid_t = 0
        if posix_spawn(&child, command[0], nil, nil, argv, environ) == 0 { waitpid(child, nil, 0) }
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let path = folder + "/" + name
        try Files.makeFolder(Files.folder(of: path))
        try Files.writeAtomically(Array(text.utf8), to: path)
        return path
    }

    /// Three texts with e-mail addresses, cards and a person, in the form of presidio-research; one has signs of two
    /// and four bytes in front of a label.
    static let presidio = """
        [
          {"full_text": "Zoë 😀 ada@example.com paid by 4111 1111 1111 1111", "masked": "…", "template_id": 1,
           "spans": [
             {"entity_type": "CREDIT_CARD", "entity_value": "4111 1111 1111 1111", "start_position": 30, "end_position": 49},
             {"entity_type": "PERSON", "entity_value": "Zoë", "start_position": 0, "end_position": 3},
             {"entity_type": "EMAIL_ADDRESS", "entity_value": "ada@example.com", "start_position": 6, "end_position": 21}]},
          {"full_text": "brackets ]} and \\"quotes\\" [{", "masked": null, "spans": [], "template_id": 2},
          {"full_text": "call 602-272-9781, SSN 212-45-6789", "spans": [
             {"entity_type": "US_SSN", "start_position": 23, "end_position": 34}]}
        ]
        """

    static let anon = """
        {"record_id":"a","text":"x@example.com","annotations":[{"entity_type":"EMAIL_ADDRESS","start":0,"end":13,"nested_entities":[{"start_offset":0}]}]}

        {"record_id":"b","text":"ssn 212-45-6789 pays 58,000","annotations":[{"entity_type":"SOCIAL_SECURITY_NUMBER","start":4,"end":15},{"entity_type":"SALARY","start":21,"end":27}]}
        """

    static let own = #"{"text":"b y@example.com","entities":[{"type":"EMAIL_ADDRESS","start":2,"end":15}]}"#

    func evaluate(
        _ data: String, types: [String]? = nil, judge: PIIEvaluation.ColumnJudge? = nil, errors: String? = nil
    ) throws -> PIIReport {
        let scanner = Scanner()
        return try PIIEvaluation(types: types, judge: judge) { scanner.entities(in: $0) }.run(
            data: data, errors: errors)
    }
}
