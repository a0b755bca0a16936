window.YTD.tweets.part0 = [
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "15930000"
          ],
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "source": "<a href=\"https://example.org\" rel=\"nofollow\">Web</a>",
      "entities": {
        "hashtags": [
          {
            "text": "delivery",
            "indices": [
              "0",
              "5"
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [],
        "urls": []
      },
      "display_text_range": [
        "0",
        "86"
      ],
      "favorite_count": "0",
      "id_str": "1593387213315784704",
      "truncated": false,
      "retweet_count": "0",
      "id": "1593387213315784704",
      "created_at": "Thu Nov 17 00:00:50 +0000 2022",
      "favorited": false,
      "full_text": "Wrong address on the shipping label, parcel went back",
      "lang": "en"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "15930001"
          ],
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "source": "<a href=\"https://example.org\" rel=\"nofollow\">Web</a>",
      "entities": {
        "hashtags": [
          {
            "text": "billing",
            "indices": [
              "0",
              "5"
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [],
        "urls": []
      },
      "display_text_range": [
        "0",
        "86"
      ],
      "favorite_count": "1",
      "id_str": "1593387213315784705",
      "truncated": false,
      "retweet_count": "0",
      "id": "1593387213315784705",
      "created_at": "Thu Nov 17 00:01:50 +0000 2022",
      "favorited": false,
      "full_text": "Please refund the annual fee, I cancelled last month Is there a fix?",
      "lang": "en"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "15930002"
          ],
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "source": "<a href=\"https://example.org\" rel=\"nofollow\">Web</a>",
      "entities": {
        "hashtags": [
          {
            "text": "app",
            "indices": [
              "0",
              "5"
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [],
        "urls": []
      },
      "display_text_range": [
        "0",
        "86"
      ],
      "favorite_count": "2",
      "id_str": "1593387213315784706",
      "truncated": false,
      "retweet_count": "0",
      "id": "1593387213315784706",
      "created_at": "Thu Nov 17 00:02:50 +0000 2022",
      "favorited": false,
      "full_text": "Push notifications arrive 11 hours late on my phone Is there a fix?",
      "lang": "en"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "15930003"
          ],
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "source": "<a href=\"https://example.org\" rel=\"nofollow\">Web</a>",
      "entities": {
        "hashtags": [
          {
            "text": "staff",
            "indices": [
              "0",
              "5"
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [],
        "urls": []
      },
      "display_text_range": [
        "0",
        "86"
      ],
      "favorite_count": "3",
      "id_str": "1593387213315784707",
      "truncated": false,
      "retweet_count": "0",
      "id": "1593387213315784707",
      "created_at": "Thu Nov 17 00:03:50 +0000 2022",
      "favorited": false,
      "full_text": "The technician explained everything clearly \u2014 please help!",
      "lang": "en"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "15930004"
          ],
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "source": "<a href=\"https://example.org\" rel=\"nofollow\">Web</a>",
      "entities": {
        "hashtags": [
          {
            "text": "garden",
            "indices": [
              "0",
              "5"
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [],
        "urls": []
      },
      "display_text_range": [
        "0",
        "86"
      ],
      "favorite_count": "4",
      "id_str": "1593387213315784708",
      "truncated": false,
      "retweet_count": "0",
      "id": "1593387213315784708",
      "created_at": "Thu Nov 17 00:04:50 +0000 2022",
      "favorited": false,
      "full_text": "Lawn mower starts badly when it is cold, very annoying.",
      "lang": "en"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "15930005"
          ],
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "source": "<a href=\"https://example.org\" rel=\"nofollow\">Web</a>",
      "entities": {
        "hashtags": [
          {
            "text": "delivery",
            "indices": [
              "0",
              "5"
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [],
        "urls": []
      },
      "display_text_range": [
        "0",
        "86"
      ],
      "favorite_count": "5",
      "id_str": "1593387213315784709",
      "truncated": false,
      "retweet_count": "0",
      "id": "1593387213315784709",
      "created_at": "Thu Nov 17 00:05:50 +0000 2022",
      "favorited": false,
      "full_text": "Delivery window was four hours and nobody showed up \u2014 please help!",
      "lang": "en"
    }
  }
]