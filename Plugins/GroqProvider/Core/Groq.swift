/// The protocol of Groq.
public enum Groq {}
