/// The protocol of OpenAI.
public enum OpenAI {}
