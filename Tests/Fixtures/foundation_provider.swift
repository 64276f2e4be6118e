// The least provider that has Foundation loaded and used: for the time that a start takes.
import Foundation
import SluiceABI

let fixtureID: StaticString = "fixture.foundation_provider"

func describe(_ out: UnsafeMutablePointer<sluice_text>?) -> sluice_status {
    let description = NSDictionary(dictionary: ["summary": "uses Foundation", "id": UUID().uuidString])
    guard let data = try? JSONSerialization.data(withJSONObject: description),
        let text = String(data: data, encoding: .utf8)
    else { return 8 }
    return answer(text, out)
}

func estimate(_ bytes: UInt64) -> UInt64 { bytes / 4 }
